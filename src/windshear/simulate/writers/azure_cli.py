"""What Azure CLI leaves on a host of Windows: two processes per command, and their connections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from windshear.simulate.chance import Chance
from windshear.simulate.record import Record
from windshear.simulate.world.networks import AZURE
from windshear.simulate.world.people import Host
from windshear.simulate.writers.sysmon import AZURE_PYTHON, CMD, Process, connected, launched, looked_up, start

AGENT = "python/3.12.8 (Windows-11-10.0.22631-SP0) AZURECLI/2.69.0 (MSI)"
LOGIN, MANAGEMENT = "login.microsoftonline.com", "management.azure.com"
_WRAPPER = r"C:\Program Files\Microsoft SDKs\Azure\CLI2\wbin\az.cmd"


@dataclass(frozen=True, slots=True)
class AzureCommand:
    """A command of Azure CLI: the records of its processes and of what it does on the network."""

    python: Process
    launches: tuple[Record, Record]
    network: tuple[Record, ...]


def azure_command(
    host: Host, parent: Process, arguments: str, at: datetime, draw: Chance, *, names: tuple[str, ...] = (LOGIN,)
) -> AzureCommand:
    """Make the records of `az` with some arguments. names: of the hosts that it talks to.

    `az` is a batch file, so a shell runs it, which starts the interpreter.
    """
    user = parent.user
    line = f'C:\\Windows\\system32\\cmd.exe /c ""{_WRAPPER}" {arguments}"'
    wrapper = start(host, user, CMD, line, draw)
    code = f'"C:\\Program Files\\Microsoft SDKs\\Azure\\CLI2\\wbin\\\\..\\python.exe" -IBm azure.cli {arguments}'
    python = start(host, user, AZURE_PYTHON, code, draw)
    second = at + draw.seconds(0.2, 0.9)
    launches = (launched(host, wrapper, parent, at, draw), launched(host, python, wrapper, second, draw))
    network: list[Record] = []
    for name in names:
        second += draw.seconds(0.6, 2)
        ip = AZURE.origin(draw.randrange(20)).ip
        network.append(looked_up(host, python, name, ip, second, draw))
        network.append(connected(host, python, ip, second + timedelta(milliseconds=40), draw))
    return AzureCommand(python, launches, tuple(network))
