"""
X's error bodies, as they were recorded, by short names.

Source: public issue threads and X's documentation, read 2026-11-22. The body of a
402 has never been recorded whole: its title is known, the rest follows the others.
"""

from typing import Any

Problem = dict[str, Any]

_TYPES = "https://api.twitter.com/2/problems"
_POST_TYPES = "https://api.x.com/2/problems"  # as the description of the newer dialect has them


def _blank(status: int, title: str, detail: str | None = None) -> Problem:
    return {"title": title, "type": "about:blank", "status": status, "detail": detail or title}


BY_NAME: dict[str, Problem] = {
    "unauthorized": _blank(401, "Unauthorized"),
    "credits-depleted": _blank(402, "CreditsDepleted", "Your enrolled account does not have any credits."),
    "forbidden": _blank(403, "Forbidden", "Your account is not permitted to access this feature."),
    "user-suspended": {
        "title": "Forbidden",
        "status": 403,
        "type": f"{_TYPES}/user-suspended",
        "detail": "The user used for authentication is suspended",
    },
    "user-locked": {
        "errors": [
            {
                "code": 326,
                "message": "To protect our users from spam and other malicious activity, this account is "
                "temporarily locked. Please log in to to unlock your account.",
            }
        ]
    },
    "client-not-enrolled": {
        "client_id": "27988566",
        "title": "Client Forbidden",
        "reason": "client-not-enrolled",
        "required_enrollment": "Standard Basic",
        "type": f"{_TYPES}/client-forbidden",
        "detail": "When authenticating requests to the Twitter API v2 endpoints, you must use keys and "
        "tokens from a Twitter developer App that is attached to a Project.",
    },
    "not-found": _blank(404, "Not Found"),
    "too-many-requests": _blank(429, "Too Many Requests"),
    "usage-capped": {
        "account_id": "1",
        "product_name": "standard-basic",
        "title": "UsageCapExceeded",
        "period": "Monthly",
        "scope": "Product",
        "detail": "Usage cap exceeded: Monthly product cap",
        "type": f"{_TYPES}/usage-capped",
    },
    "internal-error": _blank(
        500, "Internal Server Error", "Something is broken. This is usually a temporary error."
    ),
    "over-capacity": _blank(503, "Service Unavailable"),
}

BY_STATUS = {
    401: "unauthorized", 402: "credits-depleted", 403: "forbidden", 404: "not-found",
    429: "too-many-requests", 500: "internal-error", 503: "over-capacity",
}  # fmt: skip


def of_status(status: int) -> Problem:
    """Make the body that X usually sends with a status."""
    name = BY_STATUS.get(status)
    return BY_NAME[name] if name else _blank(status, "Error")


def invalid(parameter: str, values: list[str], message: str) -> Problem:
    """Make the body that X sends for a parameter it does not understand."""
    return {
        "errors": [{"parameters": {parameter: values}, "message": message}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{_TYPES}/invalid-request",
    }


def missing(parameter: str, tweet_id: str, *, posts: bool) -> Problem:
    """Make the partial error for a tweet that is not there; it comes with a 200."""
    return {
        "resource_type": "tweet",
        "resource_id": tweet_id,
        "parameter": parameter,
        "value": tweet_id,
        "title": "Not Found Error",
        "detail": f"Could not find tweet with {parameter}: [{tweet_id}].",
        "type": f"{_POST_TYPES if posts else _TYPES}/resource-not-found",
    }
