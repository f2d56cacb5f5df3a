"""The read API answers a write in its own words, token or not, and never asks for a cookie's token."""

from django.test import Client

from zhike.org.tokens import create_token


def test_a_write_is_405_in_json(people):
    client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {create_token(people['rep'])}"})
    for method in (client.post, client.put, client.patch, client.delete):
        got = method("/api/v1/customers", data="{}", content_type="application/json")
        assert got.status_code == 405 and got["Allow"] == "GET, HEAD, OPTIONS"
        assert got.json()["code"] == "method"
    stranger = Client(enforce_csrf_checks=True).post("/api/v1/customers", data="{}", content_type="application/json")
    assert stranger.status_code == 401 and stranger.json()["code"] == "token"
