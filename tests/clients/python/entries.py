"""Lets the published Python client, used as it is, do what a university's scripts do with entries every day, and prints
what it saw: publish entries to a category, reassign owners, rename in bulk, tell the categories of each entry, and list
everything page by page."""

import json
import os
import sys

from KalturaClient import KalturaClient, KalturaConfiguration
from KalturaClient.exceptions import KalturaException
from KalturaClient.Plugins.Core import (
    KalturaBaseEntry,
    KalturaCategory,
    KalturaCategoryEntry,
    KalturaCategoryEntryFilter,
    KalturaCategoryEntryStatus,
    KalturaFilterPager,
    KalturaMediaEntry,
    KalturaMediaEntryFilter,
    KalturaMediaEntryOrderBy,
    KalturaMediaType,
    KalturaSessionType,
    KalturaUrlResource,
)

PARTNER = int(os.environ["KS_TEST_PARTNER"])
SECRET = os.environ["KS_TEST_ADMIN_SECRET"]


def connect(user, kind, privileges):
    config = KalturaConfiguration()
    config.serviceUrl = os.environ["KS_TEST_URL"]
    client = KalturaClient(config)
    client.setKs(client.generateSessionV2(SECRET, user, kind, PARTNER, 3600, privileges).decode())
    return client


def pages(client, size):
    """All entries, page by page, as the manuals show it."""
    found, index = [], 1
    while True:
        pager = KalturaFilterPager()
        pager.pageSize, pager.pageIndex = size, index
        wanted = KalturaMediaEntryFilter()
        wanted.orderBy = KalturaMediaEntryOrderBy.NAME_ASC
        page = client.media.list(wanted, pager)
        if not page.getObjects():
            return found, index - 1, page.getTotalCount()
        found += page.getObjects()
        index += 1


def refusal(call):
    try:
        return {"answer": repr(call())}
    except KalturaException as error:
        return error.code


def main():
    seen = {}
    admin = connect("root", KalturaSessionType.ADMIN, "all:*,disableentitlement")
    course = KalturaCategory()
    course.name, course.privacyContext = "Physics", "courses"
    course = admin.category.add(course)

    # Seven lectures of two lecturers.
    entries = []
    for number in range(7):
        entry = KalturaMediaEntry()
        entry.name, entry.mediaType = "Lecture %d" % number, KalturaMediaType.VIDEO
        entry.userId = "curie" if number % 2 else "bohr"
        entry = admin.media.add(entry)
        resource = KalturaUrlResource()
        resource.url = "https://example.com/%d.mp4" % number
        entries.append(admin.media.addContent(entry.getId(), resource))
    seen["made"] = [[type(entry).__name__, entry.getName(), entry.getUserId(), str(entry.getStatus().value)]
                    for entry in entries[:2]]

    # Publish all of them to the course.
    for entry in entries:
        place = KalturaCategoryEntry()
        place.entryId, place.categoryId = entry.getId(), course.getId()
        admin.categoryEntry.add(place)
    seen["twice"] = refusal(lambda: admin.categoryEntry.add(place))
    seen["in the course"] = admin.category.get(course.getId()).getEntriesCount()

    # Somebody leaves: the next one gets the entries.
    reassigned = KalturaMediaEntryFilter()
    reassigned.userIdEqual = "bohr"
    for entry in admin.media.list(reassigned).getObjects():
        change = KalturaMediaEntry()
        change.userId = "pauli"
        admin.media.update(entry.getId(), change)
    seen["of the one who left"] = admin.media.count(reassigned)
    reassigned.userIdEqual = "pauli"
    seen["of the new one"] = admin.media.count(reassigned)

    # A new term: rename all, in one request for each ten.
    admin.startMultiRequest()
    for entry in entries:
        change = KalturaBaseEntry()
        change.name = entry.getName().replace("Lecture", "Physics I, lecture")
        admin.baseEntry.update(entry.getId(), change)
    seen["renamed"] = [entry.getName() for entry in admin.doMultiRequest()]

    # In which categories is each entry?
    affiliations = KalturaCategoryEntryFilter()
    affiliations.entryIdIn = ",".join(entry.getId() for entry in entries[:3])
    listed = admin.categoryEntry.list(affiliations)
    seen["affiliations"] = [
        [place.getEntryId() == entry.getId(), place.getCategoryId() == course.getId(),
         place.getStatus().value == KalturaCategoryEntryStatus.ACTIVE]
        for place, entry in zip(sorted(listed.getObjects(), key=lambda place: entries_index(entries, place)), entries)
    ]

    # Everything, page by page: with an administrator's session and with a user's.
    found, count, total = pages(admin, 3)
    seen["administrator"] = [len(found), count, total, found[0].getName()]
    found, count, total = pages(connect("curie", KalturaSessionType.USER, ""), 2)
    seen["user"] = [len(found), count, total, sorted({entry.getUserId() for entry in found})]
    found, count, total = pages(connect("curie", KalturaSessionType.USER, "list:*"), 5)
    seen["user who lists all"] = [len(found), count, total]
    curie = connect("curie", KalturaSessionType.USER, "")
    seen["not hers"] = refusal(lambda: curie.media.delete(entries[0].getId()))
    curie.media.delete(entries[1].getId())
    seen["gone"] = refusal(lambda: admin.media.get(entries[1].getId()))
    seen["left in the course"] = admin.category.get(course.getId()).getEntriesCount()
    json.dump(seen, sys.stdout)


def entries_index(entries, place):
    return [entry.getId() for entry in entries].index(place.getEntryId())


main()
