"""Audits of AD FS: tokens that were issued (1200), and passwords that were checked (1202)."""

from __future__ import annotations

from datetime import datetime, timedelta

from windshear.simulate import moments
from windshear.simulate.chance import Chance
from windshear.simulate.record import Json, Log, Record, json_record
from windshear.simulate.world.applications import EDGE
from windshear.simulate.world.networks import Origin
from windshear.simulate.world.people import Host, Person

MICROSOFT, AWS = "urn:federation:MicrosoftOnline", "urn:amazon:webservices"
ISSUER = "http://sts.corp.example/adfs/services/trust"

_SPACES = 'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_TEXTS = {
    1200: ("AppTokenAudit", "AppToken", "The Federation Service issued a valid token. See XML for details."),
    1202: (
        "FreshCredentialAudit",
        "FreshCredentials",
        "The Federation Service validated a new credential. See XML for details.",
    ),
}


def audited(
    number: int, host: Host, person: Person, origin: Origin, at: datetime, draw: Chance, *, party: str = MICROSOFT,
    activity: str = "",
) -> Record:  # fmt: skip
    """Make event 1200 or 1202. party: the relying party. activity: the id that the events of a sign-in share."""
    kind, audit_type, title = _TEXTS[number]
    xml = f"""<?xml version="1.0" encoding="utf-16"?>
<AuditBase {_SPACES} xsi:type="{kind}">
  <AuditType>{audit_type}</AuditType>
  <AuditResult>Success</AuditResult>
  <FailureType>None</FailureType>
  <ErrorCode>N/A</ErrorCode>
  <ContextComponents>
    <Component xsi:type="ResourceAuditComponent">
      <RelyingParty>{party}</RelyingParty>
      <ClaimsProvider>AD AUTHORITY</ClaimsProvider>
      <UserId>{person.upn}</UserId>
    </Component>
    <Component xsi:type="AuthNAuditComponent">
      <PrimaryAuth>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</PrimaryAuth>
      <DeviceAuth>false</DeviceAuth>
      <DeviceId>N/A</DeviceId>
      <MfaPerformed>true</MfaPerformed>
      <MfaMethod>http://schemas.microsoft.com/ws/2017/04/azuremfa</MfaMethod>
      <TokenBindingProvidedId>false</TokenBindingProvidedId>
      <TokenBindingReferredId>false</TokenBindingReferredId>
      <SsoBindingValidationLevel>TokenUnbound</SsoBindingValidationLevel>
    </Component>
    <Component xsi:type="ProtocolAuditComponent">
      <OAuthClientId>N/A</OAuthClientId>
      <OAuthGrant>N/A</OAuthGrant>
    </Component>
    <Component xsi:type="RequestAuditComponent">
      <Server>{ISSUER}</Server>
      <AuthProtocol>SAMLP</AuthProtocol>
      <NetworkLocation>Intranet</NetworkLocation>
      <IpAddress>{origin.ip}</IpAddress>
      <ForwardedIpAddress />
      <ProxyIpAddress>N/A</ProxyIpAddress>
      <NetworkIpAddress>N/A</NetworkIpAddress>
      <ProxyServer>N/A</ProxyServer>
      <UserAgentString>{EDGE}</UserAgentString>
      <Endpoint>/adfs/ls/IdpInitiatedSignOn.aspx</Endpoint>
    </Component>
  </ContextComponents>
</AuditBase>"""
    body: Json = {
        "EventID": number,
        "SourceName": "AD FS Auditing",
        "Channel": "Security",
        "Level": "0",
        "Task": "3",
        "Keywords": "0x80a0000000000000",
        "Hostname": host.full_name,
        "TimeCreated": moments.millis(at),
        "@timestamp": moments.millis(at),
        "Message": f"{title}\r\n\r\nActivity ID: {activity or draw.uuid()}\r\n\r\nAdditional Data\r\nXML: {xml}",
    }
    return json_record(Log.ADFS, at, timedelta(seconds=2), body)
