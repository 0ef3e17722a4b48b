"""The launch template that a node group is made from."""

from ministack.services import ec2


def find(given: dict | None) -> tuple[dict | None, str | None]:
    """The version of the template that is meant: `{id, name, version, data}`."""
    if not given:
        return None, None
    if "id" in given and "name" in given:
        return None, "You must specify either the launch template ID or the launch template name, not both"
    found = next(
        (
            template
            for template in ec2._launch_templates.values()
            if given.get("id") == template["LaunchTemplateId"] or given.get("name") == template["LaunchTemplateName"]
        ),
        None,
    )
    if found is None:
        return None, f"Launch template {given.get('id') or given.get('name')} does not exist"
    version = str(given.get("version") or "$Default")
    number = {"$Default": found["DefaultVersionNumber"], "$Latest": found["LatestVersionNumber"]}.get(version, version)
    data = next((v["LaunchTemplateData"] for v in found["Versions"] if str(v["VersionNumber"]) == str(number)), None)
    if data is None:
        return None, f"Version {version} of launch template {found['LaunchTemplateId']} does not exist"
    names = {"id": found["LaunchTemplateId"], "name": found["LaunchTemplateName"], "version": str(number)}
    return {**names, "data": data}, None
