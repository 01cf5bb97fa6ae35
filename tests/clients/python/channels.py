"""Lets the published Python client, used as it is, make a channel, manage its members and list categories page by page,
and prints what it saw."""

import json
import os
import sys

from KalturaClient import KalturaClient, KalturaConfiguration
from KalturaClient.exceptions import KalturaException
from KalturaClient.Plugins.Core import (
    KalturaCategory,
    KalturaCategoryFilter,
    KalturaCategoryUser,
    KalturaCategoryUserFilter,
    KalturaCategoryUserPermissionLevel,
    KalturaFilterPager,
    KalturaInheritanceType,
    KalturaPrivacyType,
    KalturaSessionType,
)

PARTNER = int(os.environ["KS_TEST_PARTNER"])
SECRET = os.environ["KS_TEST_ADMIN_SECRET"]
CONTEXT = "campus"


def connect(user, kind, privileges):
    config = KalturaConfiguration()
    config.serviceUrl = os.environ["KS_TEST_URL"]
    client = KalturaClient(config)
    client.setKs(client.session.start(SECRET, user, kind, PARTNER, 3600, privileges))
    return client


def refusal(call):
    try:
        return {"answer": repr(call())}
    except KalturaException as error:
        return error.code


def category(name, parent=None, **more):
    made = KalturaCategory()
    made.name = name
    if parent is not None:
        made.parentId = parent
    for key, value in more.items():
        setattr(made, key, value)
    return made


def member(category_id, user, level):
    made = KalturaCategoryUser()
    made.categoryId, made.userId, made.permissionLevel = category_id, user, level
    return made


def pages(client, where):
    pager, names = KalturaFilterPager(), []
    pager.pageSize, pager.pageIndex = 5, 1
    while True:
        page = client.category.list(where, pager)
        names.extend(found.name for found in page.objects)
        if len(page.objects) < pager.pageSize:
            return [page.totalCount, names]
        pager.pageIndex += 1


def main():
    seen = {}
    level = KalturaCategoryUserPermissionLevel
    staff = connect("staff", KalturaSessionType.ADMIN, "all:*,disableentitlement")
    site = staff.category.add(category("Site", privacyContext=CONTEXT))
    channels = staff.category.add(category("Channels", site.id))
    channel = staff.category.add(
        category("Algebra", channels.id, privacy=KalturaPrivacyType.MEMBERS_ONLY, owner="prof", description="Linear")
    )
    seen["channel"] = [channel.fullName, channel.owner, channel.membersCount, channel.privacyContexts]
    for user, wanted in (("anna", level.MEMBER), ("bert", level.CONTRIBUTOR), ("carl", level.MODERATOR)):
        staff.categoryUser.add(member(channel.id, user, wanted))
    change = KalturaCategoryUser()
    change.permissionLevel = level.CONTRIBUTOR
    seen["changed"] = staff.categoryUser.update(channel.id, "anna", change, True).permissionNames
    staff.categoryUser.delete(channel.id, "carl")
    seen["members"] = staff.category.get(channel.id).membersCount
    week = staff.category.add(category("Week 1", channel.id, inheritanceType=KalturaInheritanceType.INHERIT))

    where = KalturaCategoryUserFilter()
    where.userIdEqual = "anna"
    of_anna = staff.categoryUser.list(where)
    seen["affiliations"] = [[found.categoryId == channel.id, found.status.getValue()] for found in of_anna.objects]
    where = KalturaCategoryUserFilter()
    where.categoryIdEqual = week.id
    where.orderBy = "+createdAt"
    seen["of the week"] = [found.userId for found in staff.categoryUser.list(where).objects]

    for number in range(1, 8):
        staff.category.add(category(f"Room {number}", channels.id))
    where = KalturaCategoryFilter()
    where.orderBy = "+fullName"
    seen["pages of staff"] = pages(staff, where)
    anna = connect("anna", KalturaSessionType.USER, f"privacycontext:{CONTEXT}")
    where.fullNameStartsWith = "Site>Channels>"
    seen["pages of anna"] = pages(anna, where)
    seen["entitled"] = refusal(lambda: connect("staff", KalturaSessionType.ADMIN, "").category.get(channel.id))
    seen["user"] = refusal(lambda: anna.category.add(category("Mine")))
    seen["moved"] = staff.category.move(str(week.id), channels.id)
    seen["new place"] = [staff.category.get(week.id).fullName, staff.category.get(week.id).membersCount]
    staff.category.delete(channel.id)
    seen["deleted"] = refusal(lambda: staff.category.get(channel.id))
    json.dump(seen, sys.stdout)


main()
