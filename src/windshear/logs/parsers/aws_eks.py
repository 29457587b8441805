"""AWS_EKS: logs of Kubernetes clusters in Amazon EKS: audit events, authentication, and lines of containers.

* An audit event has its user in `principal.user.userid`, and what the request is about in `target.resource`, with the
  kind and subresource as `resource_subtype` (`pods/exec`). `metadata.product_event_type` is verb and kind.
* Requests with the credentials of AWS name them: `additional.fields["accessKeyId"]` is the access key, as for
  CloudTrail, and labels of `principal.user.attribute` hold the ARN, the session and the canonical ARN.
* The authenticator's lines are logins: the ARN is `principal.user.userid`, the Kubernetes user is `target.user.userid`.
* A line of a container is `metadata.description`; `principal` is the node, the pod and its namespace. A request that
  the line tells of is the event's target.
* Each stage of a request is an event of its own; they share `metadata.product_log_id`.
"""

from __future__ import annotations

from windshear.logs.addresses import ip_of
from windshear.logs.kubernetes_values import (
    ADDRESSES,
    GROUPS,
    IS_AUDIT,
    KIND,
    USER,
    VERB,
    audit_action,
    audit_event_type,
    extra,
    resource_type,
)
from windshear.logs.parser import (
    Begins,
    Element,
    Flattened,
    Has,
    HasAny,
    Label,
    Labels,
    LogParser,
    Messages,
    Repeated,
    Scalar,
    Shape,
    Split,
    UdmValue,
)
from windshear.logs.values import (
    Path,
    Reading,
    Value,
    all_of,
    captured,
    choose,
    constant,
    contains,
    field,
    first,
    is_there,
    item,
    joined,
    matches,
    not_,
    read,
    replaced,
    rewritten,
    shared,
    shared_test,
    time_of_millis,
    when,
    whole_number,
)

_MOST_CHARACTERS = 64  # of `metadata.product_event_type`

_line = shared(when(not_(IS_AUDIT), field("body")))
_is_authentication = shared_test(matches(_line, 'msg="access (granted|denied)"'))


def _told(name: str) -> Value:
    """Read a value of a line that is written `name=value`, with or without quotes."""
    return first(captured(_line, f'(?:^| ){name}="([^"]+)"'), captured(_line, f'(?:^| ){name}=([^" ]+)'))


# What a client of the API server writes about its own requests. Where there is an address, there is a method.
_request = when(contains(_line, "request: "), _line)  # which few have, and this is quicker to see than a pattern
_method = captured(_request, r"request: ([A-Z]+):")
_url = shared(captured(_request, r"request: [A-Z]+:(.+)$"))
_url_host = shared(captured(_url, r"^https?://\[?([^/\]]+?)\]?(?::[0-9]+)?(?:/|$)"))
_url_ip = ip_of(_url_host)
_url_port = captured(_url, r"^https?://[^/]+:([0-9]+)(?:/|$)")

_node = field("resource_attributes", "k8s.node.name")
# Nodes are named after their address, region and domain.
_node_region = captured(_node, r"^ip-[0-9-]+\.([^.]+)\.")
_node_domain = captured(_node, r"^ip-[0-9-]+\.[^.]+\.(.+)$")
_node_address = shared(replaced(captured(_node, r"^ip-([0-9-]+)\."), {"-": "."}))
_node_ip = ip_of(_node_address)
_has_node = is_there(_node)

_client = shared(when(_is_authentication, captured(_told("client"), r"^\[?([0-9A-Fa-f.:]+?)\]?:[0-9]+$")))
_source = field("sourceIPs", item(0))
_addresses = (
    ip_of(_source),
    ip_of(_client),
    _node_ip,
)


def _on_the_way(number: int) -> Element:
    address = field("sourceIPs", item(number))
    return Element((Repeated("ip", (ip_of(address),)),))


_FIELDS: tuple[UdmValue, ...] = (
    Scalar(
        "metadata.event_type",
        choose(
            (all_of(IS_AUDIT, is_there(USER)), audit_event_type()),
            (_is_authentication, constant("USER_LOGIN")),
            (all_of(_has_node, is_there(_url_host)), constant("NETWORK_HTTP")),
            (_has_node, constant("STATUS_UPDATE")),
            (is_there(field("stream")), constant("STATUS_UNCATEGORIZED")),
            otherwise=constant("GENERIC_EVENT"),
        ),
        "published",
    ),
    Scalar("metadata.vendor_name", constant("AMAZON")),
    Scalar("metadata.product_name", constant("AWS EKS")),
    Scalar(
        "metadata.product_event_type",
        first(
            captured(joined(VERB, " ", KIND), f"^(.{{1,{_MOST_CHARACTERS}}})"),
            VERB,
            field("attributes", "log_type"),
            # Two patterns without a group are quicker than one with it.
            when(matches(field("stream"), "^[a-z-]+-[0-9a-f]{8,}$"), rewritten(field("stream"), "-[0-9a-f]{8,}$", "")),
        ),
        "published",
    ),
    Scalar("metadata.product_log_id", first(field("auditID"), field("event_id"))),
    Scalar("metadata.description", _line, "published"),
    Scalar("principal.user.userid", first(USER, when(_is_authentication, _told("arn")))),
    Scalar("principal.user.product_object_id", field("user", "uid")),
    Repeated("principal.user.group_identifiers", tuple(field("user", "groups", item(n)) for n in range(GROUPS))),
    Labels(
        "principal.user.attribute.labels",
        tuple(Label(name, extra(name)) for name in ("arn", "canonicalArn", "sessionName", "principalId", "pod-name")),
    ),
    Repeated("principal.ip", _addresses, "published"),
    Repeated("principal.asset.ip", _addresses, "published"),
    Scalar("principal.hostname", _node, "published"),
    Scalar("principal.asset.hostname", _node, "published"),
    Scalar("principal.domain.name", _node_domain, "published"),
    Scalar("principal.location.name", _node_region, "published"),
    Scalar("principal.namespace", field("resource_attributes", "k8s.namespace.name"), "published"),
    Scalar("principal.application", field("resource_attributes", "k8s.pod.name"), "published"),
    Repeated("principal.process.file.names", (field("attributes", "log.file.name"),), "published"),
    Labels(
        "principal.resource.attribute.labels",
        (
            Label("k8s_container_name", field("resource_attributes", "k8s.container.name"), "published"),
            Label("k8s_cluster_name", field("resource_attributes", "k8s.cluster.name")),
        ),
    ),
    Messages("intermediary", tuple(_on_the_way(number) for number in range(1, ADDRESSES))),
    Scalar(
        "target.user.userid", first(field("impersonatedUser", "username"), when(_is_authentication, _told("username")))
    ),
    Scalar("target.namespace", field("objectRef", "namespace")),
    Scalar(
        "target.resource.name", first(field("objectRef", "name"), when(not_(is_there(KIND)), field("requestURI")), KIND)
    ),
    Scalar("target.resource.resource_type", resource_type()),
    Scalar("target.resource.resource_subtype", KIND),
    Scalar("target.resource.product_object_id", field("objectRef", "uid")),
    Labels(
        "target.resource.attribute.labels",
        (),
        (Flattened("requestObject", ("requestObject",)), Flattened("responseObject", ("responseObject",))),
    ),
    Repeated("target.ip", (_url_ip,), "published"),
    Repeated("target.asset.ip", (_url_ip,), "published"),
    Scalar("target.hostname", when(not_(is_there(_url_ip)), _url_host)),
    Scalar("target.asset.hostname", when(not_(is_there(_url_ip)), _url_host)),
    Scalar("target.port", _url_port, "published", "int"),
    Scalar("target.url", _url, "published"),
    Scalar("network.http.method", first(_method, when(_is_authentication, _told("method"))), "published"),
    Scalar("network.http.user_agent", field("userAgent")),
    Scalar("network.http.response_code", whole_number(field("responseStatus", "code")), kind="int"),
    Scalar("extensions.auth.type", when(_is_authentication, constant("SSO"))),
    Messages(
        "security_result",
        (
            Element(
                (
                    Repeated(
                        "action",
                        (
                            audit_action(),
                            when(matches(_line, 'msg="access granted"'), constant("ALLOW")),
                            when(matches(_line, 'msg="access denied"'), constant("BLOCK")),
                        ),
                    ),
                    Scalar("description", field("annotations", "authorization.k8s.io/reason")),
                    Scalar("summary", first(field("responseStatus", "message"), field("responseStatus", "reason"))),
                )
            ),
        ),
    ),
    Labels(
        "additional.fields",
        (
            Label("attributes_stream", field("attributes", "stream"), "published"),
            Label("accessKeyId", extra("accessKeyId")),
            Label("log_group", field("log_group")),
            Label("log_stream", field("stream")),
            *(Label(name, field(name)) for name in ("level", "stage", "requestURI", "impersonatedUser")),
        ),
        (Flattened("annotations", ("annotations",)),),
    ),
)

_EVENT: Path = ("logEvents", item(0))
_has_several = is_there(read(Reading(("logEvents", item(1), "message"), is_raw=True)))
_COMPONENTS = (
    "kube-apiserver-",
    "authenticator-",
    "kube-controller-manager-",
    "cloud-controller-manager-",
    "kube-scheduler-",
)

PARSER = LogParser(
    log_type="AWS_EKS",
    shapes=(
        Shape("audit event", (Begins(("apiVersion",), ("audit.k8s.io/",)), Has(("auditID",)), Has(("verb",)))),
        Shape(
            "line of a container",
            (
                Has(("body",)),
                HasAny(
                    tuple(
                        ("resource_attributes", name)
                        for name in ("k8s.pod.name", "k8s.node.name", "k8s.container.name")
                    )
                ),
            ),
        ),
        Shape(
            "CloudWatch Logs subscription",
            (Begins(("logGroup",), ("/aws/eks/",)), Has(("logStream",)), Has(("logEvents",))),
            prefix=(*_EVENT, "message"),
            names={
                ("body",): (*_EVENT, "message"),
                ("event_id",): (*_EVENT, "id"),
                ("millis",): (*_EVENT, "timestamp"),
                ("stream",): ("logStream",),
                ("log_group",): ("logGroup",),
            },
            text_roots=frozenset([(*_EVENT, "message")]),
            split=Split(("logEvents",), _has_several),
        ),
        Shape(
            "CloudWatch Logs query",
            (Begins(("logStreamName",), _COMPONENTS), Has(("message",))),
            prefix=("message",),
            names={
                ("body",): ("message",),
                ("event_id",): ("eventId",),
                ("millis",): ("timestamp",),
                ("stream",): ("logStreamName",),
            },
            text_roots=frozenset([("message",)]),
        ),
    ),
    time=first(
        field("attributes", "time"),
        field("stageTimestamp"),
        field("requestReceivedTimestamp"),
        time_of_millis(field("millis")),
    ),
    fields=_FIELDS,
)
