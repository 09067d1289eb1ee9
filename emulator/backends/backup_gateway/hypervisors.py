"""Hypervisors and the virtual machines that a metadata sync finds on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.backends.backup_gateway.inventory import Hypervisor, Inventory, VirtualMachine, listed, refusal
from emulator.backends.backup_gateway.tagging import put_tags
from emulator.messages import Call

Operation = Callable[[Inventory, Call, float], dict[str, Any]]

# Behind an emulated hypervisor are always these
MACHINES = ("vm-1", "vm-2")


def _import(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    params = call.params
    if any(hypervisor.name == params["Name"] for hypervisor in inventory.hypervisors.values()):
        raise refusal("ConflictException", f"A hypervisor with the name {params['Name']} exists already.")
    hypervisor = Hypervisor(inventory.new_arn("hypervisor", "hype"), params["Name"], params["Host"], params.get("KmsKeyArn"))
    put_tags(inventory, hypervisor.arn, params.get("Tags") or [])
    inventory.hypervisors[hypervisor.arn] = hypervisor
    return {"HypervisorArn": hypervisor.arn}


def _summary(inventory: Inventory, hypervisor: Hypervisor) -> dict[str, Any]:
    details = {"Host": hypervisor.host, "HypervisorArn": hypervisor.arn, "Name": hypervisor.name, "State": inventory.state_of(hypervisor)}
    return details if hypervisor.kms_key is None else {**details, "KmsKeyArn": hypervisor.kms_key}


def _get(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    hypervisor = inventory.hypervisor(call.params["HypervisorArn"])
    details = _summary(inventory, hypervisor)
    if hypervisor.log_group is not None:
        details["LogGroupArn"] = hypervisor.log_group
    if hypervisor.synced is not None:
        details["LastSuccessfulMetadataSyncTime"] = hypervisor.synced
        details["LatestMetadataSyncStatus"] = "SUCCEEDED"
        details["LatestMetadataSyncStatusMessage"] = f"Found {len(MACHINES)} virtual machines."
    return {"Hypervisor": details}


def _list(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    return listed("Hypervisors", inventory.hypervisors.values(), lambda hypervisor: _summary(inventory, hypervisor), call)


def _update(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    params = call.params
    hypervisor = inventory.hypervisor(params["HypervisorArn"])
    name = params.get("Name", hypervisor.name)
    if any(other.name == name and other is not hypervisor for other in inventory.hypervisors.values()):
        raise refusal("ConflictException", f"A hypervisor with the name {name} exists already.")
    hypervisor.name = name
    hypervisor.host = params.get("Host", hypervisor.host)
    hypervisor.log_group = params.get("LogGroupArn", hypervisor.log_group)
    return {"HypervisorArn": hypervisor.arn}


def _delete(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    hypervisor = inventory.hypervisor(call.params["HypervisorArn"])
    if any(inventory.gateways_of(hypervisor.arn)):
        raise refusal("ConflictException", "The hypervisor is associated with a gateway.")
    for machine in [machine for machine in inventory.machines.values() if machine.hypervisor == hypervisor.arn]:
        inventory.drop(machine.arn)
    inventory.drop(hypervisor.arn)
    return {"HypervisorArn": hypervisor.arn}


def _sync(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    """Looks for machines. It takes a gateway to look through; the machines keep their ARNs from sync to sync."""
    hypervisor = inventory.hypervisor(call.params["HypervisorArn"])
    if inventory.state_of(hypervisor) != "ONLINE":
        raise refusal("ValidationException", "The hypervisor is not connected to a gateway.")
    if hypervisor.synced is None:
        for name in MACHINES:
            arn = inventory.new_arn("vm", "vm")
            inventory.machines[arn] = VirtualMachine(arn, name, f"{name}-host", f"/datacenter/vm/{name}", hypervisor.arn)
    hypervisor.synced = now
    return {"HypervisorArn": hypervisor.arn}


def _machine(machine: VirtualMachine) -> dict[str, Any]:
    return {
        "HostName": machine.host,
        "HypervisorId": machine.hypervisor.rpartition("/")[2],
        "Name": machine.name,
        "Path": machine.path,
        "ResourceArn": machine.arn,
    }


def _get_machine(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    return {"VirtualMachine": {**_machine(inventory.machine(call.params["ResourceArn"])), "VmwareTags": []}}


def _list_machines(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    wanted = call.params.get("HypervisorArn")
    machines = (machine for machine in inventory.machines.values() if wanted in (None, machine.hypervisor))
    return listed("VirtualMachines", machines, _machine, call)


def _put_mappings(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    hypervisor = inventory.hypervisor(call.params["HypervisorArn"])
    hypervisor.mappings = call.params["VmwareToAwsTagMappings"]
    hypervisor.mapping_role = call.params["IamRoleArn"]
    return {"HypervisorArn": hypervisor.arn}


def _get_mappings(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    hypervisor = inventory.hypervisor(call.params["HypervisorArn"])
    answer: dict[str, Any] = {"HypervisorArn": hypervisor.arn, "VmwareToAwsTagMappings": hypervisor.mappings}
    return answer if hypervisor.mapping_role is None else {**answer, "IamRoleArn": hypervisor.mapping_role}


HYPERVISOR_OPERATIONS: dict[str, Operation] = {
    "DeleteHypervisor": _delete,
    "GetHypervisor": _get,
    "GetHypervisorPropertyMappings": _get_mappings,
    "GetVirtualMachine": _get_machine,
    "ImportHypervisorConfiguration": _import,
    "ListHypervisors": _list,
    "ListVirtualMachines": _list_machines,
    "PutHypervisorPropertyMappings": _put_mappings,
    "StartVirtualMachinesMetadataSync": _sync,
    "UpdateHypervisor": _update,
}
