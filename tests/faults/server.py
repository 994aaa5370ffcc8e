"""An agentdata process: started, stopped, killed and looked into."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import urllib.request
from pathlib import Path
from urllib.parse import quote

from postgres import Database
from processes import BINARY, PROGRAMS, START_SECONDS, STOP_SECONDS, free_port, get, wait_until


class Server:
    """An agentdata process: the same home, address and settings through kills and restarts."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        home.mkdir(mode=0o755, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = home / "server.log"
        self.process: subprocess.Popen[bytes] | None = None
        mine = {k: v for k, v in os.environ.items() if not k.startswith(("AGENTDATA_", "DATABASE_", "PG"))}
        self.env = {
            **mine,
            "AGENTDATA_HOME": str(home),
            "AGENTDATA_LISTEN": f"127.0.0.1:{self.port}",
            "AGENTDATA_PUBLIC_URL": self.url,
            "AGENTDATA_POSTGRES_BIN": str(PROGRAMS),
            "AGENTDATA_TOKEN_RATE": "1000000",
            "AGENTDATA_TOKEN_RATE_PER_ADDRESS": "1000000",
            "AGENTDATA_AUDIT": "refusals",
            "AGENTDATA_LOG_FORMAT": "json",
            **settings,
        }

    def spawn(self) -> Server:
        """Starts the process and returns at once."""
        assert self.process is None or self.process.poll() is not None, "the server runs already"
        with open(self.log, "ab") as log:
            # A session of its own: Ctrl-C in the terminal is for us, and we stop the server.
            self.process = subprocess.Popen(
                [BINARY, "serve"],
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def start(self) -> Server:
        """Starts the process; it is ready when this returns."""
        self.spawn()
        self.wait_until_ready()
        return self

    def wait_until_ready(self, seconds: float = START_SECONDS) -> float:
        """Waits for readiness; answers how many seconds it took."""

        def ready() -> bool:
            assert self.is_running(), f"the server ended before it was ready:\n{self.log_tail()}"
            return get(f"{self.url}/readyz") == 200

        return wait_until("readiness", ready, seconds)

    def is_running(self) -> bool:
        """Whether the process lives."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """SIGKILL."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def terminate(self) -> None:
        """SIGTERM, and the wait for a clean exit."""
        assert self.process is not None
        assert self.process.poll() is None, f"the server ended by itself:\n{self.log_tail()}"
        self.process.terminate()
        code = self.process.wait(STOP_SECONDS)
        assert code == 0, f"exit code {code} after SIGTERM:\n{self.log_tail()}"

    def end(self) -> None:
        """Stops it however it stands."""
        if self.is_running():
            assert self.process is not None
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def command(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs another command of the program with the server's settings."""
        done = subprocess.run([BINARY, *words], env=self.env, capture_output=True, text=True, timeout=120)
        if check and done.returncode != 0:
            raise AssertionError(f"agentdata {' '.join(words)}: {done.stderr}")
        return done

    def client(self) -> tuple[str, str]:
        """Id and secret of a new client with every scope."""
        with urllib.request.urlopen(f"{self.url}/openapi.json", timeout=20) as response:
            schemes = json.load(response)["components"]["securitySchemes"].values()
        flows = [scheme["flows"]["clientCredentials"] for scheme in schemes if scheme["type"] == "oauth2"]
        scopes = " ".join(sorted({scope for flow in flows for scope in flow["scopes"]}))
        name = f"faults {secrets.token_hex(4)}"
        printed = self.command("client", "create", "--name", name, "--scopes", scopes).stdout
        values = dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)
        return values["client_id"], values["client_secret"]

    def token(self, client: str = "default") -> str:
        """An access token of a client with every scope that it may have, good for a day."""
        return self.command("token", "--client", client, "--lifetime", "86400").stdout.strip()

    @property
    def embedded_data(self) -> Path:
        """The data directory of its embedded PostgreSQL."""
        return self.home / "postgres-data"

    def embedded_database(self) -> Database:
        """A way to ask its embedded PostgreSQL."""
        password = (self.home / "postgres-password").read_text().strip()
        host = quote(str(self.home / "run"), safe="")
        return Database(f"postgresql://agentdata:{quote(password, safe='')}@{host}/agentdata")

    def memory(self, name: str = "VmRSS") -> int:
        """Bytes of memory (`VmRSS`) or its highest so far (`VmHWM`)."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
        assert found is not None
        return int(found[1]) * 1024

    def descriptors(self) -> int:
        """Open file descriptors."""
        assert self.process is not None
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def log_lines(self, *words: str) -> list[str]:
        """Lines of its log with one of these words."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return [line for line in lines if any(word in line for word in words)]

    def log_tail(self, lines: int = 15) -> str:
        """Its last warnings and errors."""
        text = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join([line for line in text if '"level":"INFO"' not in line][-lines:])
