"""Applications of Entra ID that have the same id in every tenant, user agents, and other fixed names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Application:
    """An application or an API of Entra ID. client: how the sign-in log calls the kind of client."""

    name: str
    id: str
    client: str = "Browser"


_DESKTOP = "Mobile Apps and Desktop clients"

AZURE_CLI = Application("Microsoft Azure CLI", "04b07795-8ddb-461a-bbee-02f9e1bf7b46", _DESKTOP)
AZURE_POWERSHELL = Application("Microsoft Azure PowerShell", "1950a258-227b-4e31-a9cf-717495945fc2", _DESKTOP)
AZURE_AD_POWERSHELL = Application("Azure Active Directory PowerShell", "1b730954-1685-4b74-9bfd-dac224a7b894", _DESKTOP)
GRAPH_CLI = Application("Microsoft Graph Command Line Tools", "14d82eec-204b-4c2f-b7e8-296a70dab67e", _DESKTOP)
EXCHANGE_POWERSHELL = Application(
    "Microsoft Exchange REST API Based Powershell", "fb78d390-0c51-40cd-8e17-fdbfab77341b", _DESKTOP
)
VISUAL_STUDIO_CODE = Application("Visual Studio Code", "aebc6443-996d-45c2-90f0-388ff96faa56", _DESKTOP)
BROKER = Application("Microsoft Authentication Broker", "29d9ed98-a469-4536-ade2-f981bc1d605e", _DESKTOP)
OFFICE = Application("Microsoft Office", "d3590ed6-52b3-4102-aeff-aad2292ab01c", _DESKTOP)
TEAMS = Application("Microsoft Teams", "1fec8e78-bce4-4aaf-ab1b-5451cc387264", _DESKTOP)
OUTLOOK_MOBILE = Application("Outlook Mobile", "27922004-5251-4030-b22d-91ecd9a37ea4", _DESKTOP)
OFFICE_PORTAL = Application("OfficeHome", "4765445b-32c6-49b0-83e6-1d93765276ca")
OUTLOOK_WEB = Application("One Outlook Web", "9199bf20-a13f-4107-85dc-02114787ef48")
AZURE_PORTAL = Application("Azure Portal", "c44b4083-3bb0-49c1-b47d-974e53cbdf3c")
MY_SIGN_INS = Application("My Signins", "19db86c3-b2b9-44cc-b339-36da233a3be2")
SYNC_CLIENT = Application("Microsoft Azure Active Directory Connect", "cb1056e2-e479-49de-ae31-7812af012ed8", _DESKTOP)

RESOURCE_MANAGER = Application("Windows Azure Service Management API", "797f4846-ba00-4fd7-ba43-dac1f8f63013")
GRAPH = Application("Microsoft Graph", "00000003-0000-0000-c000-000000000000")
DIRECTORY = Application("Windows Azure Active Directory", "00000002-0000-0000-c000-000000000000")
EXCHANGE = Application("Office 365 Exchange Online", "00000002-0000-0ff1-ce00-000000000000")
SHAREPOINT = Application("Office 365 SharePoint Online", "00000003-0000-0ff1-ce00-000000000000")
TEAMS_SERVICES = Application("Microsoft Teams Services", "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe")
KEY_VAULT = Application("Azure Key Vault", "cfa8b339-82a2-471a-a3c9-0fc0be7a4093")
STORAGE = Application("Azure Storage", "e406a681-f3d4-42a8-90b6-c2b029497af1")
REGISTRATION = Application("Device Registration Service", "01cb2876-7ebd-4aa4-9cc9-d28bd4d359a9")

EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/133.0.0.0 Safari/537.36 Edg/133.0.0.0"
)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0.0.0 Safari/537.36"
)
CHROME_LINUX = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:135.0) Gecko/20100101 Firefox/135.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.3 Mobile/15E148 Safari/604.1"
)
OFFICE_AGENT = "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.18429; Pro)"
POWERSHELL_AGENT = "Mozilla/5.0 (Windows NT 10.0; Microsoft Windows 10.0.22631; en-US) PowerShell/7.4.6"

GLOBAL_ADMINISTRATOR = ("Global Administrator", "62e90394-69f5-4237-9190-012177145e10")
USER_ADMINISTRATOR = ("User Administrator", "fe930be7-5e62-47db-91af-98c3a49a38b1")
EXCHANGE_ADMINISTRATOR = ("Exchange Administrator", "29232cdf-9323-42fd-ade2-1d097af3e4de")
