# One image for every program; the command chooses: api, scheduler, fetcher, simulator.
# Plain on purpose: any builder of the last ten years builds it, with nothing fetched but the base and packages.

FROM python:3.11-slim AS build
WORKDIR /src
RUN python3 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
# What Roost stands on comes first: it changes less often than Roost.
COPY pyproject.toml constraints.txt ./
RUN python3 -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > requirements.txt \
 && pip install -q -r requirements.txt -c constraints.txt
COPY README.md ./
COPY shared shared
COPY services services
COPY simulator simulator
COPY roost roost
RUN pip install -q --no-deps .

FROM python:3.11-slim
COPY --from=build /opt/venv /opt/venv
# In a container the address of this machine only would be nobody's: the port that is published decides.
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    ROOST_API_HOST=0.0.0.0 ROOST_SIMULATOR_HOST=0.0.0.0
# A volume that is mounted here belongs to the program: it writes the master key there, the first time.
RUN mkdir -m 0700 /secrets && chown 10001:10001 /secrets
WORKDIR /tmp
USER 10001:10001
EXPOSE 8080 8090
ENTRYPOINT ["roost"]
CMD ["--help"]
