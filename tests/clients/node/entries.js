// Lets the published Node client, used as it is, do what a university's scripts do with entries every day, and prints what
// it saw: publish entries to a category, reassign owners, rename in bulk, tell the categories of each entry, and list
// everything page by page.
'use strict';

// The client logs to where the answer of this program goes.
console.log = console.error;

const kaltura = require('kaltura-client');

const partner = Number(process.env.KS_TEST_PARTNER);
const secret = process.env.KS_TEST_ADMIN_SECRET;
const { session, media, baseEntry, category, categoryEntry } = kaltura.services;
const { objects, enums } = kaltura;

async function connect(user, kind, privileges) {
  const config = new kaltura.Configuration();
  config.serviceUrl = process.env.KS_TEST_URL;
  const client = new kaltura.Client(config);
  client.setKs(await session.start(secret, user, kind, partner, 3600, privileges).execute(client));
  return client;
}

async function pages(client, size) {
  const found = [];
  for (let index = 1; ; index += 1) {
    const filter = new objects.MediaEntryFilter({ orderBy: enums.MediaEntryOrderBy.NAME_ASC });
    const pager = new objects.FilterPager({ pageSize: size, pageIndex: index });
    const page = await media.listAction(filter, pager).execute(client);
    if (page.objects.length === 0) {
      return { found, count: index - 1, total: page.totalCount };
    }
    found.push(...page.objects);
  }
}

async function refusal(request, client) {
  try {
    return { answer: await request.execute(client) };
  } catch (error) {
    return error.code;
  }
}

async function main() {
  const seen = {};
  const admin = await connect('root', enums.SessionType.ADMIN, 'all:*,disableentitlement');
  const course = await category.add(new objects.Category({ name: 'Physics', privacyContext: 'courses' })).execute(admin);

  const entries = [];
  for (let number = 0; number < 7; number += 1) {
    const entry = new objects.MediaEntry({
      name: `Lecture ${number}`, mediaType: enums.MediaType.VIDEO, userId: number % 2 ? 'curie' : 'bohr',
    });
    const added = await media.add(entry).execute(admin);
    const resource = new objects.UrlResource({ url: `https://example.com/${number}.mp4` });
    entries.push(await media.addContent(added.id, resource).execute(admin));
  }
  seen.made = entries.slice(0, 2).map((entry) => [entry.objectType, entry.name, entry.userId, entry.status]);

  for (const entry of entries) {
    await categoryEntry.add(new objects.CategoryEntry({ entryId: entry.id, categoryId: course.id })).execute(admin);
  }
  const again = new objects.CategoryEntry({ entryId: entries[6].id, categoryId: course.id });
  seen.twice = await refusal(categoryEntry.add(again), admin);
  seen['in the course'] = (await category.get(course.id).execute(admin)).entriesCount;

  const bohr = new objects.MediaEntryFilter({ userIdEqual: 'bohr' });
  for (const entry of (await media.listAction(bohr).execute(admin)).objects) {
    await media.update(entry.id, new objects.MediaEntry({ userId: 'pauli' })).execute(admin);
  }
  seen['of the one who left'] = await media.count(bohr).execute(admin);
  seen['of the new one'] = await media.count(new objects.MediaEntryFilter({ userIdEqual: 'pauli' })).execute(admin);

  const [first, ...rest] = entries.map((entry) => {
    const name = entry.name.replace('Lecture', 'Physics I, lecture');
    return baseEntry.update(entry.id, new objects.BaseEntry({ name }));
  });
  const renamed = await rest.reduce((all, next) => all.add(next), first).execute(admin);
  seen.renamed = renamed.map((entry) => entry.name);

  const entryIdIn = entries.slice(0, 3).map((entry) => entry.id).join(',');
  const listed = await categoryEntry.listAction(new objects.CategoryEntryFilter({ entryIdIn })).execute(admin);
  seen.affiliations = entries.slice(0, 3).map((entry) => {
    const place = listed.objects.find((one) => one.entryId === entry.id);
    return [place !== undefined, place.categoryId === course.id, place.status === enums.CategoryEntryStatus.ACTIVE];
  });

  const all = await pages(admin, 3);
  seen.administrator = [all.found.length, all.count, all.total, all.found[0].name];
  const own = await pages(await connect('curie', enums.SessionType.USER, ''), 2);
  seen.user = [own.found.length, own.count, own.total, [...new Set(own.found.map((entry) => entry.userId))].sort()];
  const others = await pages(await connect('curie', enums.SessionType.USER, 'list:*'), 5);
  seen['user who lists all'] = [others.found.length, others.count, others.total];
  const curie = await connect('curie', enums.SessionType.USER, '');
  seen['not hers'] = await refusal(media.deleteAction(entries[0].id), curie);
  await media.deleteAction(entries[1].id).execute(curie);
  seen.gone = await refusal(media.get(entries[1].id), admin);
  seen['left in the course'] = (await category.get(course.id).execute(admin)).entriesCount;
  process.stdout.write(JSON.stringify(seen));
}

main().catch((error) => {
  process.stderr.write(`${error.stack || JSON.stringify(error)}\n`);
  process.exitCode = 1;
});
