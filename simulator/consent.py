"""The pages a person sees at X: whether to let the app in, and what is wrong with an app's request."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from starlette.responses import HTMLResponse

from simulator.people import Person

#: What an app may ask for, in a person's words.
WISHES = {
    "tweet.read": "See posts, also those that only you may see",
    "users.read": "See who you are and whom you can see",
    "offline.access": "Stay in until you throw it out",
}

NOBODY = "Nobody here has that name"

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { display: grid; min-height: 100vh; margin: 0; place-items: center; }
body { background: Canvas; color: CanvasText; }
main { width: min(26rem, 88vw); padding: 2rem; border: 1px solid #8886; border-radius: 1rem; }
h1 { margin: 0 0 .25rem; font-size: 1.35rem; }
p, small { color: color-mix(in srgb, CanvasText 70%, transparent); }
ul { padding-left: 1.2rem; }
label { display: block; margin-bottom: .3rem; font-weight: 600; }
select { width: 100%; padding: .6rem; border: 1px solid #8888; border-radius: .5rem; font: inherit; }
.buttons { display: grid; gap: .6rem; margin: 1.5rem 0 1rem; }
button { padding: .7rem; border: 1px solid #8888; border-radius: 2rem; font: inherit; font-weight: 600; }
button { background: transparent; color: inherit; cursor: pointer; }
#allow { border-color: transparent; background: #1d6fb8; color: #fff; }
"""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked: by which app, for what, and what the form carries along."""

    path: str
    app: str
    wishes: Iterable[str]
    carried: Mapping[str, str]


def ask(question: Question, people: Iterable[Person], chosen: Person) -> HTMLResponse:
    """Ask a person whether the app may come in; who they are is theirs to choose."""
    carried = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in question.carried.items()
    )
    options = "".join(_option(each, chosen) for each in people)
    wishes = "".join(f"<li>{escape(WISHES.get(each, each))}</li>" for each in question.wishes)
    return _page(
        f"Let {question.app} in?",
        f"""<p>{escape(question.app)} asks to:</p>
<ul>{wishes}</ul>
<form id="consent" method="post" action="{escape(question.path)}">{carried}
<label for="person">You are</label>
<select id="person" name="person">{options}</select>
<div class="buttons">
<button id="allow" name="decision" value="allow">Let it in</button>
<button id="deny" name="decision" value="deny">No, keep it out</button>
</div>
</form>""",
    )


def complain(what: str) -> HTMLResponse:
    """Say that an app's request is wrong, and in what."""
    return _page("Something went wrong", f'<p id="complaint">{escape(what)}</p>', 400)


def _option(person: Person, chosen: Person) -> str:
    selected = " selected" if person is chosen else ""
    return f"<option{selected}>{escape(person.username)}</option>"


def _page(title: str, body: str, status: int = 200) -> HTMLResponse:
    html = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · simulated X</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{escape(title)}</h1>
{body}
<small>This is the simulator of X: nobody here is real.</small>
</main>
</body>
</html>
"""
    return HTMLResponse(html, status, headers={"cache-control": "no-store"})
