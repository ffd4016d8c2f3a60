"""An MCP OAuth 2.1 client in Python: discover, sign in with PKCE, call a tool.

The steps are the seed's, with its faults corrected:
  1. discover the authorization server's endpoints through the MCP server
  2. send the browser to the authorization endpoint (authorization code + PKCE S256)
  3. take the redirect on a local listener, or pasted by hand with --paste
  4. redeem the code for an access token that is bound to the MCP server
  5. use the token

Usage: python client.py [--server URL] [--client-id ID] [--redirect-uri URL] [--message TEXT] [--paste] [--no-browser]
"""

import argparse
import base64
import hashlib
import os
import secrets
import sys
import time
import webbrowser
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import requests
from oauthlib.oauth2 import OAuth2Error
from requests_oauthlib import OAuth2Session

TIMEOUT = 10  # seconds for each HTTP request
SIGN_IN_TIMEOUT = 300  # seconds for the person to sign in
SCOPE = ["openid", "profile", "mcp:tools"]
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def main():
    args = parse_arguments()
    allow_http_on_loopback(args.server)

    resource = get_json(f"{args.server}/.well-known/oauth-protected-resource/mcp")["resource"]
    metadata = get_json(f"{args.server}/.well-known/oauth-authorization-server")

    verifier, challenge = create_pkce_pair()
    oauth = OAuth2Session(args.client_id, redirect_uri=args.redirect_uri, scope=SCOPE)
    url, _ = oauth.authorization_url(
        metadata["authorization_endpoint"],
        code_challenge=challenge,
        code_challenge_method="S256",
        resource=resource,  # RFC 8707: the token is for this resource, and of use nowhere else
    )
    print("Go to the following URL and authorize:", flush=True)
    print(url, flush=True)

    listener = None if args.paste else listen(args.redirect_uri)
    if listener:
        answer = receive_redirect(listener, args.redirect_uri, None if args.no_browser else url)
    else:
        print("Paste the full redirect URL here:", flush=True)
        answer = sys.stdin.readline().strip()

    check_answer(answer, metadata)
    try:
        # Checks the answer's state, then redeems the code.
        oauth.fetch_token(
            metadata["token_endpoint"],
            authorization_response=answer,
            include_client_id=True,  # a public client: it has no secret
            code_verifier=verifier,
            resource=resource,
            timeout=TIMEOUT,
        )
        print("Signed in. The access token stays in this process.", flush=True)
        response = oauth.post(f"{args.server}/tools/secure_echo", json={"message": args.message}, timeout=TIMEOUT)
    except (OAuth2Error, requests.RequestException) as error:
        sys.exit(f"Refused: {error}")

    if not response.ok:
        sys.exit(f"secure_echo answered {response.status_code}: {response.text}")
    print(response.json(), flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description="An MCP OAuth 2.1 client: sign in with PKCE, call secure_echo.")
    parser.add_argument("--server", default="http://localhost:5200", help="the MCP server's public URL")
    parser.add_argument("--client-id", default="seed-client", help="a public client registered at the authorization server")
    parser.add_argument("--redirect-uri", default="http://localhost:8000/auth/callback", help="its registered redirect URI")
    parser.add_argument("--message", default="Hello, OAuth!", help="what to echo")
    parser.add_argument("--paste", action="store_true", help="read the redirect URL from standard input instead of listening for it")
    parser.add_argument("--no-browser", action="store_true", help="print the URL only")
    args = parser.parse_args()
    args.server = args.server.rstrip("/")
    return args


def create_pkce_pair():
    """RFC 7636. OAuth2Session(..., pkce="S256") does the same from requests-oauthlib 2.0 on; Debian has 1.3."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return verifier, base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def allow_http_on_loopback(server):
    """oauthlib refuses plain http; here it is allowed for this machine, and nothing else."""
    parts = urlsplit(server)
    if parts.scheme == "http":
        if parts.hostname not in LOOPBACK:
            sys.exit(f"{server} is plain http: only a server on this machine may be. Use https.")
        os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    # The answer's scope may be narrower than what was asked for; that is the person's choice.
    os.environ["OAUTHLIB_RELAX_TOKEN_SCOPE"] = "1"


def get_json(url):
    try:
        response = requests.get(url, timeout=TIMEOUT)
        response.raise_for_status()
        return response.json()
    except requests.RequestException as error:
        sys.exit(f"{url} can't be had: {error}")


def check_answer(answer, metadata):
    """Refuses an error, and an answer of another authorization server (RFC 9207)."""
    query = parse_qs(urlsplit(answer).query)
    if "code" not in query and "error" not in query:
        sys.exit("The redirect URL has no code. Paste all of it, from http to the end.")
    issuer = query.get("iss", [None])[0]
    expects_issuer = metadata.get("authorization_response_iss_parameter_supported", False)
    if (issuer or expects_issuer) and issuer != metadata["issuer"]:
        sys.exit("The answer is not from the authorization server that was asked.")
    if "error" in query:
        sys.exit(f"Refused: {query['error'][0]}: {query.get('error_description', ['no reason given'])[0]}")


def listen(redirect_uri):
    """A listener on the local port that the redirect URI names, or None where the port is taken."""
    parts = urlsplit(redirect_uri)
    try:
        return HTTPServer((parts.hostname, parts.port or 80), RedirectHandler)
    except OSError as error:
        print(f"Port {parts.port} can't be listened on: {error}", flush=True)
        return None


class RedirectHandler(BaseHTTPRequestHandler):
    """Keeps the URL that the browser was redirected to."""

    def do_GET(self):
        if urlsplit(self.path).path != self.server.redirect_path:
            self.send_error(404)
            return
        self.server.received = self.path
        body = b"You can close this page and go back to the terminal."
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Silent: the default would print the code."""


def receive_redirect(listener, redirect_uri, open_url):
    """Waits for the browser's redirect; opens the browser where it may."""
    parts = urlsplit(redirect_uri)
    listener.redirect_path = parts.path
    listener.received = None
    deadline = time.monotonic() + SIGN_IN_TIMEOUT
    with listener:
        if open_url:
            webbrowser.open(open_url)
        while not listener.received:
            listener.timeout = deadline - time.monotonic()
            if listener.timeout <= 0:
                sys.exit("Nobody signed in within five minutes.")
            listener.handle_request()
    return f"{parts.scheme}://{parts.netloc}{listener.received}"


if __name__ == "__main__":
    main()
