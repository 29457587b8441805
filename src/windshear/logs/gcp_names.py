"""What Cloud Audit Logs call services, kinds of resources and severities, and how UDM and public rules name them."""

from __future__ import annotations

PRODUCTS = {
    "bigquery.googleapis.com": "BigQuery",
    "storage.googleapis.com": "Google Cloud Storage",
    "compute.googleapis.com": "Google Compute Engine",
    "iam.googleapis.com": "Google Cloud IAM",
}
RESOURCE_TYPES = {
    "gcs_bucket": "STORAGE_BUCKET",
    "bigquery_dataset": "DATABASE",
    "bigquery_table": "TABLE",
    "cloudsql_database": "DATABASE",
    "spanner_instance": "DATABASE",
    "gce_instance": "VIRTUAL_MACHINE",
    "gce_disk": "DISK",
    "gce_image": "IMAGE",
    "gce_snapshot": "SNAPSHOT",
    "gce_network": "VPC_NETWORK",
    "gce_subnetwork": "SUBNET",
    "gce_firewall_rule": "FIREWALL_RULE",
    "gce_backend_service": "BACKEND_SERVICE",
    "gke_cluster": "CLUSTER",
    "k8s_cluster": "CLUSTER",
    "k8s_pod": "POD",
    "k8s_container": "CONTAINER",
    "cloud_function": "FUNCTION",
    "service_account": "SERVICE_ACCOUNT",
    "project": "CLOUD_PROJECT",
    "organization": "CLOUD_ORGANIZATION",
}
SEVERITIES = {
    "DEFAULT": "INFORMATIONAL",
    "DEBUG": "INFORMATIONAL",
    "INFO": "INFORMATIONAL",
    "NOTICE": "LOW",
    "WARNING": "MEDIUM",
    "ERROR": "ERROR",
    "CRITICAL": "CRITICAL",
    "ALERT": "CRITICAL",
    "EMERGENCY": "CRITICAL",
}
