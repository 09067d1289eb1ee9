"""AWS Backup Gateway with a real boto3 client: gateways, hypervisors, machines, schedules, tags, and its six errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator import Emulator
from emulator.aws.services import load_service
from emulator.clock import EmulatedClock

UNKNOWN = "arn:aws:backup-gateway:us-east-1:000000000000:{}/none-0123456789ABCDEF"


@pytest.fixture
def emulator(start: Callable[..., Emulator]) -> Emulator:
    return start()


@pytest.fixture
def client(emulator: Emulator, client_for: Callable[..., Any]) -> Any:
    return client_for(emulator, "backup-gateway")


@pytest.fixture
def gateway(client: Any) -> str:
    arn: str = client.create_gateway(ActivationKey="key-1", GatewayDisplayName="cellar", GatewayType="BACKUP_VM")["GatewayArn"]
    return arn


@pytest.fixture
def hypervisor(client: Any) -> str:
    arn: str = client.import_hypervisor_configuration(Name="esx", Host="esx.example", Tags=[{"Key": "a", "Value": "b"}])["HypervisorArn"]
    return arn


def refused(call: Callable[..., Any], **params: Any) -> tuple[str, int, str]:
    with pytest.raises(Exception) as caught:  # noqa: PT011  the client makes its own exception classes
        call(**params)
    response = caught.value.response  # type: ignore[attr-defined]
    assert response["ErrorCode"] == response["Error"]["Code"]
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Message"]


def test_the_whole_model_is_emulated(emulator: Emulator) -> None:
    model = load_service("backup-gateway").operations
    assert emulator.core.operations("backup-gateway") == frozenset(model)


def test_a_gateway_lives(client: Any, gateway: str) -> None:
    shown = client.get_gateway(GatewayArn=gateway)["Gateway"]
    assert (shown["GatewayArn"], shown["GatewayDisplayName"], shown["GatewayType"]) == (gateway, "cellar", "BACKUP_VM")
    assert shown["NextUpdateAvailabilityTime"] > shown["LastSeenTime"]
    client.update_gateway_information(GatewayArn=gateway, GatewayDisplayName="attic")
    client.update_gateway_software_now(GatewayArn=gateway)
    client.put_maintenance_start_time(GatewayArn=gateway, HourOfDay=4, MinuteOfHour=30, DayOfMonth=2)
    shown = client.get_gateway(GatewayArn=gateway)["Gateway"]
    assert shown["GatewayDisplayName"] == "attic"
    assert shown["MaintenanceStartTime"] == {"DayOfMonth": 2, "HourOfDay": 4, "MinuteOfHour": 30}
    client.delete_gateway(GatewayArn=gateway)
    assert refused(client.get_gateway, GatewayArn=gateway)[:2] == ("ResourceNotFoundException", 404)


def test_a_hypervisor_is_pending_online_and_offline_as_gateways_come_and_go(client: Any, gateway: str, hypervisor: str) -> None:
    def state() -> str:
        found: str = client.get_hypervisor(HypervisorArn=hypervisor)["Hypervisor"]["State"]
        return found

    assert state() == "PENDING"
    assert refused(client.start_virtual_machines_metadata_sync, HypervisorArn=hypervisor)[0] == "ValidationException"
    client.associate_gateway_to_server(GatewayArn=gateway, ServerArn=hypervisor)
    assert state() == "ONLINE"
    assert refused(client.associate_gateway_to_server, GatewayArn=gateway, ServerArn=hypervisor)[:2] == ("ConflictException", 409)
    assert refused(client.delete_hypervisor, HypervisorArn=hypervisor)[0] == "ConflictException"
    client.start_virtual_machines_metadata_sync(HypervisorArn=hypervisor)
    assert client.get_hypervisor(HypervisorArn=hypervisor)["Hypervisor"]["LatestMetadataSyncStatus"] == "SUCCEEDED"
    client.disassociate_gateway_from_server(GatewayArn=gateway)
    assert state() == "OFFLINE"
    assert refused(client.disassociate_gateway_from_server, GatewayArn=gateway)[0] == "ConflictException"
    client.delete_hypervisor(HypervisorArn=hypervisor)
    assert client.list_virtual_machines()["VirtualMachines"] == []


def test_machines_are_found_by_a_sync_and_keep_their_arns(client: Any, gateway: str, hypervisor: str) -> None:
    client.associate_gateway_to_server(GatewayArn=gateway, ServerArn=hypervisor)
    found = []
    for _ in range(2):
        client.start_virtual_machines_metadata_sync(HypervisorArn=hypervisor)
        found.append(client.list_virtual_machines(HypervisorArn=hypervisor)["VirtualMachines"])
    assert found[0] == found[1]
    machine = found[0][0]
    assert client.get_virtual_machine(ResourceArn=machine["ResourceArn"])["VirtualMachine"]["Name"] == machine["Name"]
    assert machine["HypervisorId"] == hypervisor.rpartition("/")[2]


def test_listings_come_in_pages(client: Any) -> None:
    for number in range(5):
        client.create_gateway(ActivationKey=f"key-{number}", GatewayDisplayName=f"g{number}", GatewayType="BACKUP_VM")
    pages = list(client.get_paginator("list_gateways").paginate(PaginationConfig={"PageSize": 2}))
    assert [[gateway["GatewayDisplayName"] for gateway in page["Gateways"]] for page in pages] == [["g0", "g1"], ["g2", "g3"], ["g4"]]
    assert refused(client.list_gateways, NextToken="nonsense")[0] == "ValidationException"


def test_bandwidth_schedules_do_not_overlap(client: Any, gateway: str) -> None:
    def interval(start: int, end: int, *days: int) -> dict[str, Any]:
        return {"StartHourOfDay": start, "StartMinuteOfHour": 0, "EndHourOfDay": end, "EndMinuteOfHour": 59, "DaysOfWeek": list(days)}

    good = [interval(0, 8, 1, 2), interval(9, 17, 1), interval(0, 23, 3)]
    client.put_bandwidth_rate_limit_schedule(GatewayArn=gateway, BandwidthRateLimitIntervals=good)
    for bad in ([interval(0, 8, 1), interval(8, 9, 1)], [interval(9, 8, 1)]):
        assert (
            refused(client.put_bandwidth_rate_limit_schedule, GatewayArn=gateway, BandwidthRateLimitIntervals=bad)[0]
            == "ValidationException"
        )
    assert client.get_bandwidth_rate_limit_schedule(GatewayArn=gateway)["BandwidthRateLimitIntervals"] == good


def test_property_mappings_are_kept(client: Any, hypervisor: str) -> None:
    mapping = {"VmwareCategory": "c", "VmwareTagName": "t", "AwsTagKey": "k", "AwsTagValue": "v"}
    role = "arn:aws:iam::123456789012:role/mapper"
    assert "IamRoleArn" not in client.get_hypervisor_property_mappings(HypervisorArn=hypervisor)
    client.put_hypervisor_property_mappings(HypervisorArn=hypervisor, VmwareToAwsTagMappings=[mapping], IamRoleArn=role)
    shown = client.get_hypervisor_property_mappings(HypervisorArn=hypervisor)
    assert (shown["VmwareToAwsTagMappings"], shown["IamRoleArn"]) == ([mapping], role)


def test_tags_come_and_go(client: Any, hypervisor: str) -> None:
    client.tag_resource(ResourceARN=hypervisor, Tags=[{"Key": "c", "Value": "d"}, {"Key": "a", "Value": "new"}])
    assert client.list_tags_for_resource(ResourceArn=hypervisor)["Tags"] == [{"Key": "a", "Value": "new"}, {"Key": "c", "Value": "d"}]
    client.untag_resource(ResourceARN=hypervisor, TagKeys=["a", "nobody"])
    assert client.list_tags_for_resource(ResourceArn=hypervisor)["Tags"] == [{"Key": "c", "Value": "d"}]
    too_many = [{"Key": str(number), "Value": ""} for number in range(51)]
    assert refused(client.tag_resource, ResourceARN=hypervisor, Tags=too_many)[0] == "ValidationException"
    assert refused(client.list_tags_for_resource, ResourceArn=UNKNOWN.format("gateway"))[0] == "ResourceNotFoundException"


def test_what_cannot_be_created_twice(client: Any, gateway: str, hypervisor: str) -> None:
    key = {"ActivationKey": "key-1", "GatewayDisplayName": "again", "GatewayType": "BACKUP_VM"}
    assert refused(client.create_gateway, **key)[0] == "ValidationException"
    assert refused(client.import_hypervisor_configuration, Name="esx", Host="other")[0] == "ConflictException"
    other = client.import_hypervisor_configuration(Name="other", Host="other")["HypervisorArn"]
    assert refused(client.update_hypervisor, HypervisorArn=other, Name="esx")[0] == "ConflictException"
    client.update_hypervisor(HypervisorArn=other, Name="kvm", Host="kvm.example")
    assert [(one["Name"], one["Host"]) for one in client.list_hypervisors()["Hypervisors"]] == [
        ("esx", "esx.example"),
        ("kvm", "kvm.example"),
    ]


def test_regions_are_apart(emulator: Emulator, client: Any, gateway: str, client_for: Callable[..., Any]) -> None:
    assert client_for(emulator, "backup-gateway", region="eu-west-1").list_gateways()["Gateways"] == []


def test_constraints_of_the_model_are_refused_as_its_own_error(emulator: Emulator, client: Any) -> None:
    client.meta.config.parameter_validation = False
    code, status, message = refused(client.get_gateway, GatewayArn="x" * 60)
    assert (code, status) == ("ValidationException", 400)
    assert "failed to satisfy constraint" in message


def test_a_client_lives_through_two_internal_errors(
    start: Callable[..., Emulator], client_for: Callable[..., Any], emulated_clock: EmulatedClock
) -> None:
    rule = {
        "name": "twice",
        "when": {"service": "backup-gateway", "operation": "ListGateways", "attempt": "1..2"},
        "fault": "InternalServerException",
    }
    emulator = start({"version": 1, "rules": [rule], "expect": [{"rule": "twice", "fired": 2}]}, clock=emulated_clock)
    assert client_for(emulator, "backup-gateway").list_gateways()["Gateways"] == []
    (call,) = emulator.calls()
    assert [entry.error for entry in call.attempt_records] == ["InternalServerException", "InternalServerException", ""]
    assert call.first.reply.status == 500
    assert emulator.report().passed
