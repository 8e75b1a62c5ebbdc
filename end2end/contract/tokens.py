"""Gives every generated request an access token that is good at this moment: some requests end the sign-in they use."""

import json
import os
import urllib.error
import urllib.request

import schemathesis

ORIGIN = os.environ["CONTRACT_ORIGIN"]
CREDENTIALS = {"username": os.environ["CONTRACT_EMAIL"], "password": os.environ["CONTRACT_PASSWORD"]}


@schemathesis.auth(refresh_interval=None)
class Tokens:
    """One sign-in after the other, each for as long as it lives."""

    token = None

    def get(self, case, context):
        if self.token is None or not is_good(self.token):
            self.token = sign_in()
        return self.token

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"


def is_good(token):
    request = urllib.request.Request(f"{ORIGIN}/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    try:
        return urllib.request.urlopen(request).status == 200
    except urllib.error.HTTPError:
        return False


def sign_in():
    request = urllib.request.Request(
        f"{ORIGIN}/api/v1/token", data=json.dumps(CREDENTIALS).encode(), headers={"Content-Type": "application/json"}
    )
    return json.load(urllib.request.urlopen(request))["access_token"]
