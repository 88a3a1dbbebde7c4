"""The server as an operator sees it."""

import httpx


async def test_says_that_it_is_alive_and_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "alive"}
    assert (await client.get("/readyz")).json() == {"status": "ready"}


async def test_unknown_address_is_a_clear_404(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nope")
    assert (answer.status_code, answer.json()["type"]) == (404, "no-such-page")
    assert answer.headers["x-request-id"]


async def test_somebody_with_a_browser_is_shown_the_way(client: httpx.AsyncClient) -> None:
    assert (await client.get("/")).headers["location"] == "/desk"
    for path in ("/nope", "/desk/nope", "/kiosk"):
        answer = await client.get(path, headers={"accept": "text/html,*/*;q=0.8"})
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")
        assert "There is nothing at this address." in answer.text
        assert "default-src 'self'" in answer.headers["content-security-policy"]


async def test_counts_requests_by_route_and_never_by_path(client: httpx.AsyncClient) -> None:
    await client.get("/healthz?secret=1")
    figures = (await client.get("/metrics")).text
    assert 'nowserving_requests_total{method="GET",route="/healthz",status="200"}' in figures
    assert "secret" not in figures


async def test_a_real_server_answers(served: str) -> None:
    async with httpx.AsyncClient() as asking:
        assert (await asking.get(f"{served}/readyz")).status_code == 200
