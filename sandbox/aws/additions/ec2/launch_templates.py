"""Launch templates: members that ministack drops, and the errors of AWS."""

from xml.sax.saxutils import escape

from ministack.services import ec2

_p = ec2._p

#: Members of the template's data that are kept as they are given, by the element that answers them.
_GROUPS = {
    "CreditSpecification": ("creditSpecification", ("CpuCredits",)),
    "Placement": (
        "placement",
        ("AvailabilityZone", "Affinity", "GroupName", "GroupId", "HostId", "Tenancy", "PartitionNumber"),
    ),
    "PrivateDnsNameOptions": (
        "privateDnsNameOptions",
        ("HostnameType", "EnableResourceNameDnsARecord", "EnableResourceNameDnsAAAARecord"),
    ),
    "MaintenanceOptions": ("maintenanceOptions", ("AutoRecovery",)),
    "InstanceMarketOptions": ("instanceMarketOptions", ("MarketType",)),
}


def install() -> None:
    ec2._parse_lt_data = _with_all(ec2._parse_lt_data)
    ec2._lt_data_xml = _told(ec2._lt_data_xml)
    ec2._ACTION_MAP |= {
        "CreateLaunchTemplate": _without_copy(ec2._create_launch_template),
        "DescribeLaunchTemplateVersions": _checked(_with_known_versions(ec2._describe_launch_template_versions)),
        "ModifyLaunchTemplate": _checked(ec2._modify_launch_template),
        "DeleteLaunchTemplate": _checked(ec2._delete_launch_template),
        "CreateLaunchTemplateVersion": _checked(ec2._create_launch_template_version),
    }


def _element(member: str) -> str:
    return member[0].lower() + member[1:]


def _with_all(parse):
    def parsed(params, prefix="LaunchTemplateData"):
        data = parse(params, prefix)
        for group, (_, members) in _GROUPS.items():
            given = {member: _p(params, f"{prefix}.{group}.{member}") for member in members}
            given = {member: value for member, value in given.items() if value}
            if given:
                data[group] = given
        if _p(params, f"{prefix}.DisableApiStop"):
            data["DisableApiStop"] = _p(params, f"{prefix}.DisableApiStop").lower() == "true"
        for n, mapping in enumerate(data.get("BlockDeviceMappings", []), 1):
            key = _p(params, f"{prefix}.BlockDeviceMapping.{n}.Ebs.KmsKeyId")
            if key:
                mapping.setdefault("Ebs", {})["KmsKeyId"] = key
        for n, interface in enumerate(data.get("NetworkInterfaces", []), 1):
            value = _p(params, f"{prefix}.NetworkInterface.{n}.DeleteOnTermination")
            if value:
                interface["DeleteOnTermination"] = value.lower() == "true"
        return data

    return parsed


def _told(render):
    def rendered(data: dict) -> str:
        text = render(data)
        for mapping in data.get("BlockDeviceMappings", []):
            key = mapping.get("Ebs", {}).get("KmsKeyId")
            if key:
                start = f"<deviceName>{mapping['DeviceName']}</deviceName><ebs>"
                text = text.replace(start, f"{start}<kmsKeyId>{escape(key)}</kmsKeyId>", 1)
        text = _told_interfaces(data, text)
        for group, (element, members) in _GROUPS.items():
            given = data.get(group, {})
            inner = "".join(f"<{_element(m)}>{escape(given[m])}</{_element(m)}>" for m in members if m in given)
            text += f"<{element}>{inner}</{element}>" if inner else ""
        if "DisableApiStop" in data:
            text += f"<disableApiStop>{str(data['DisableApiStop']).lower()}</disableApiStop>"
        return text

    return rendered


def _told_interfaces(data: dict, text: str) -> str:
    if not any("DeleteOnTermination" in interface for interface in data.get("NetworkInterfaces", [])):
        return text
    start, rest = text.split("<networkInterfaceSet>", 1)
    inside, end = rest.split("</networkInterfaceSet>", 1)
    for interface in data["NetworkInterfaces"]:
        value = str(interface.get("DeleteOnTermination", False)).lower()
        told = f"<item><deleteOnTermination>{value}</deleteOnTermination><deviceIndex>"
        inside = inside.replace("<item><deviceIndex>", told, 1)
    return f"{start}<networkInterfaceSet>{inside}</networkInterfaceSet>{end}"


def _without_copy(create):
    """Tags have one place: a template's own copy of them would never change."""

    def created(p):
        answer = create(p)
        for template in ec2._launch_templates.values():
            template.pop("Tags", None)
        return answer

    return created


def _checked(handler):
    def checked(p):
        identity, name = _p(p, "LaunchTemplateId"), _p(p, "LaunchTemplateName")
        if identity and identity not in ec2._launch_templates:
            message = f"The specified launch template, with template ID {identity}, does not exist."
            return ec2._error("InvalidLaunchTemplateId.NotFound", message, 400)
        names = [template["LaunchTemplateName"] for template in ec2._launch_templates.values()]
        if not identity and name and name not in names:
            message = f"The specified launch template, with template name {escape(name)}, does not exist."
            return ec2._error("InvalidLaunchTemplateName.NotFoundException", message, 400)
        return handler(p)

    return checked


def _with_known_versions(describe):
    def described(p):
        identity, name = _p(p, "LaunchTemplateId"), _p(p, "LaunchTemplateName")
        template = next(
            one
            for one in ec2._launch_templates.values()
            if identity == one["LaunchTemplateId"] or name == one["LaunchTemplateName"]
        )
        known = {"$Latest", "$Default", *(str(version["VersionNumber"]) for version in template["Versions"])}
        for version in ec2._parse_member_list(p, "LaunchTemplateVersion"):
            if version not in known:
                message = f"Could not find the specified version {version} for the launch template with ID {identity}."
                return ec2._error("InvalidLaunchTemplateId.VersionNotFound", message, 400)
        return describe(p)

    return described
