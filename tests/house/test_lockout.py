"""Too many passwords shut out the one who tries, not everybody behind the same proxy."""

import pytest

from zhike.config.lockout import client_address


@pytest.mark.parametrize(("https", "peer", "named", "counted"), [
    (True, "127.0.0.1", "203.0.113.7", "203.0.113.7"),
    (True, "127.0.0.1", "10.0.0.1, 203.0.113.9", "203.0.113.9"),  # only what our own proxy wrote
    (True, "", "203.0.113.7", "203.0.113.7"),  # a Unix socket
    (True, "198.51.100.3", "203.0.113.7", "198.51.100.3"),  # not our proxy
    (False, "127.0.0.1", "203.0.113.7", "127.0.0.1"),  # no proxy at all: anybody may write the header
    (True, "127.0.0.1", "", "127.0.0.1"),
])
def test_whose_attempts_are_counted(rf, settings, https, peer, named, counted):
    settings.HTTPS = https
    request = rf.post("/sign-in/", REMOTE_ADDR=peer, **({"HTTP_X_FORWARDED_FOR": named} if named else {}))
    assert client_address(request) == counted


def test_one_is_shut_out_the_other_is_not(client, people, settings):
    settings.HTTPS = True
    user = people["rep"]
    user.set_password("quiet-lathe-77")
    user.save()
    wrong = {"username": "rep", "password": "no"}
    for _try in range(settings.AXES_FAILURE_LIMIT):
        last = client.post("/sign-in/", wrong, HTTP_X_FORWARDED_FOR="203.0.113.7")
    assert last.status_code == 429
    right = {"username": "rep", "password": "quiet-lathe-77"}
    assert client.post("/sign-in/", right, HTTP_X_FORWARDED_FOR="203.0.113.7").status_code == 429
    assert client.post("/sign-in/", right, HTTP_X_FORWARDED_FOR="203.0.113.8").status_code == 303
