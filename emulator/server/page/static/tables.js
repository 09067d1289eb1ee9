// The tables: what is in them, and items to look at, change and delete, by the service's own operations, which meet no rule here.

import { service } from "./api.js";
import { address, word } from "./filter.js";
import { recordsOf, streamTable } from "./streams.js";
import { counted, h, put } from "./dom.js";

const PAGE = 25;
const MAX_TABLES = 2000;
const MAX_COLUMNS = 5;

export class Tables {
  constructor(place, said) {
    this.place = place;
    this.said = said;
    this.names = [];
    this.chosen = null;
    this.region = "us-east-1";
    this.starts = [];
    this.list = h("div", { class: "card pick-list" });
    this.detail = h("div", { class: "card" });
    put(place, this.list, this.detail);
  }

  ask(operation, params, of) {
    return service(operation, params, this.region, of);
  }

  async refresh() {
    try {
      this.names = await this.listed();
    } catch (error) {
      return put(this.detail, h("p", { class: "bad", role: "alert" }, error.message));
    }
    if (!this.names.includes(this.chosen)) this.chosen = this.names[0] ?? null;
    const described = await Promise.all(this.names.slice(0, 100).map((name) => this.ask("DescribeTable", { TableName: name }).catch(() => null)));
    const counts = new Map(described.filter(Boolean).map(({ Table }) => [Table.TableName, Table.ItemCount]));
    put(
      this.list,
      h("label", { class: "region" }, h("span", { class: "soft" }, "region "), h("input", { value: this.region, size: 14, spellcheck: "false", onchange: (event) => this.move(event.target.value) })),
      this.names.map((name) => h("button", { class: "pick", "aria-current": name === this.chosen ? "true" : null, onclick: () => this.choose(name) }, name, h("span", {}, counts.has(name) ? counts.get(name).toLocaleString("en") : ""))),
      !this.names.length && h("p", { class: "soft" }, `No table in ${this.region}.`),
    );
    await this.show();
  }

  async listed() {
    const names = [];
    let start;
    do {
      const page = await this.ask("ListTables", start ? { ExclusiveStartTableName: start } : {});
      names.push(...page.TableNames);
      start = page.LastEvaluatedTableName;
    } while (start && names.length < MAX_TABLES);
    return names;
  }

  move(region) {
    this.region = region.trim() || "us-east-1";
    this.chosen = null;
    this.starts = [];
    return this.refresh();
  }

  choose(name) {
    this.chosen = name;
    this.starts = [];
    return this.refresh();
  }

  async show() {
    if (this.chosen === null) return put(this.detail, h("h2", {}, "Tables"), h("p", { class: "soft" }, "Your program makes tables with CreateTable, or the scenario brings them along."));
    const name = this.chosen;
    try {
      const [{ Table: table }, page, backups, ttl] = await Promise.all([
        this.ask("DescribeTable", { TableName: name }),
        this.ask("Scan", { TableName: name, Limit: PAGE, ...(this.starts.length ? { ExclusiveStartKey: this.starts[this.starts.length - 1] } : {}) }),
        this.ask("ListBackups", { TableName: name }),
        this.ask("DescribeTimeToLive", { TableName: name }),
      ]);
      if (name === this.chosen) this.draw(table, page, backups.BackupSummaries, ttl.TimeToLiveDescription);
    } catch (error) {
      put(this.detail, h("h2", {}, name), h("p", { class: "bad", role: "alert" }, error.message));
    }
  }

  draw(table, page, backups, ttl) {
    const keys = table.KeySchema.map((one) => one.AttributeName);
    const types = new Map(table.AttributeDefinitions.map((one) => [one.AttributeName, one.AttributeType]));
    const indexes = [...(table.GlobalSecondaryIndexes || []), ...(table.LocalSecondaryIndexes || [])].map((one) => `${one.IndexName} (${one.KeySchema.map((key) => key.AttributeName).join(", ")}${one.IndexStatus ? `; ${one.IndexStatus.toLowerCase()}` : ""})`);
    const stream = table.StreamSpecification?.StreamEnabled ? table.StreamSpecification.StreamViewType.toLowerCase().replaceAll("_", " ") : "none";
    const facts = [
      ["key", keys.map((key) => `${key} ${types.get(key)}`).join(", ")],
      ["state", table.TableStatus.toLowerCase()],
      ["items", `${table.ItemCount.toLocaleString("en")}, ${table.TableSizeBytes.toLocaleString("en")} bytes`],
      ["billing", table.BillingModeSummary?.BillingMode === "PAY_PER_REQUEST" ? "on demand" : `${table.ProvisionedThroughput.ReadCapacityUnits} read, ${table.ProvisionedThroughput.WriteCapacityUnits} write`],
      ["indexes", indexes.join(", ") || "none"],
      ["stream", table.StreamSpecification?.StreamEnabled ? [`${stream} `, h("button", { class: "small", onclick: () => this.records(table.LatestStreamArn) }, "Records")] : stream],
      ["time to live", ttl.AttributeName ? `by ${ttl.AttributeName}` : "off"],
    ];
    put(
      this.detail,
      h("div", { class: "head wrap" }, h("h2", {}, table.TableName), h("span", { class: "acts" }, h("button", { onclick: () => this.edit(null, keys, types) }, "Add item"), h("button", { onclick: () => this.act("CreateBackup", { TableName: table.TableName, BackupName: `page-${backups.length + 1}` }) }, "Back up"), h("button", { onclick: () => this.show() }, "Refresh"))),
      h("dl", { class: "facts" }, facts.map(([what, value]) => h("div", {}, h("dt", {}, what), h("dd", {}, value)))),
      this.backups(backups),
      (this.form = h("div", { class: "adding", hidden: true })),
      (this.stream = h("div", {})),
      this.items(page, keys, types),
    );
  }

  async records(arn) {
    try {
      put(this.stream, streamTable(await recordsOf(arn, (operation, params) => this.ask(operation, params, "streams"))));
    } catch (error) {
      put(this.stream, h("p", { class: "bad", role: "alert" }, error.message));
    }
  }

  backups(backups) {
    if (!backups.length) return null;
    return h("p", { class: "soft" }, "Backups: ", backups.map((one) => h("span", { class: "backup" }, `${one.BackupName} (${one.BackupStatus.toLowerCase()}) `, h("button", { class: "small", "aria-label": `Restore backup ${one.BackupName}`, onclick: () => this.restore(one) }, "Restore"), " ", h("button", { class: "small", "aria-label": `Delete backup ${one.BackupName}`, onclick: (event) => this.sure(event, () => this.act("DeleteBackup", { BackupArn: one.BackupArn }), `delete ${one.BackupName}`) }, "\u2715"))));
  }

  // A backup becomes another table
  restore(backup) {
    const name = h("input", { "aria-label": "Name of the restored table", value: `${backup.TableName}-restored`, size: 32, spellcheck: "false" });
    const told = h("p", { class: "bad", role: "alert" });
    const save = async () => {
      try {
        await this.ask("RestoreTableFromBackup", { TargetTableName: name.value.trim(), BackupArn: backup.BackupArn });
        this.chosen = name.value.trim();
        this.starts = [];
        await this.refresh();
      } catch (error) {
        told.textContent = error.message;
      }
    };
    put(this.form, h("h4", {}, `Restore ${backup.BackupName} as`), name, told, h("p", { class: "acts" }, h("button", { class: "main", onclick: save }, "Restore"), h("button", { onclick: () => (this.form.hidden = true) }, "Cancel")));
    this.form.hidden = false;
    name.focus();
  }

  items(page, keys, types) {
    const columns = [...new Set([...keys, ...page.Items.flatMap((item) => Object.keys(item))])].slice(0, Math.max(MAX_COLUMNS, keys.length));
    if (!page.Items.length && !this.starts.length) return h("p", { class: "soft" }, "It is empty.");
    const row = (item) => {
      const key = Object.fromEntries(keys.map((name) => [name, item[name]]));
      const named = keys.map((name) => plain(item[name])).join(" ");
      return h(
        "tr",
        {},
        columns.map((name) => h("td", { "data-l": name, class: item[name]?.N !== undefined ? "n" : null }, item[name] === undefined ? "" : plain(item[name]).slice(0, 120))),
        h("td", {}, h("a", { href: address(word("table", this.chosen), word("item", keys.map((name) => `${name}=${plain(item[name])}`).join(" "))), "aria-label": `Calls about ${named}` }, "Calls"), " ", h("button", { "aria-label": `Edit ${named}`, onclick: () => this.edit(item, keys, types) }, "Edit"), " ", h("button", { "aria-label": `Delete ${named}`, onclick: (event) => this.sure(event, () => this.act("DeleteItem", { TableName: this.chosen, Key: key }), "delete it") }, "Delete")),
      );
    };
    return [
      h("table", { class: "stack" }, h("thead", {}, h("tr", {}, columns.map((name) => h("th", {}, name)), h("th", {}, h("span", { class: "unseen" }, "Changes")))), h("tbody", {}, page.Items.map(row))),
      h("p", { class: "acts" }, h("button", { disabled: !this.starts.length, onclick: () => this.turn(null) }, "Previous page"), h("button", { disabled: !page.LastEvaluatedKey, onclick: () => this.turn(page.LastEvaluatedKey) }, "Next page"), h("span", { class: "soft" }, counted(page.Items.length, "item"))),
    ];
  }

  turn(key) {
    if (key) this.starts.push(key);
    else this.starts.pop();
    return this.show();
  }

  edit(item, keys, types) {
    const start = item ?? Object.fromEntries(keys.map((name) => [name, { [types.get(name)]: "" }]));
    const text = h("textarea", { "aria-label": "Item as DynamoDB JSON", spellcheck: "false", rows: Math.min(24, JSON.stringify(start, null, 2).split("\n").length + 1) });
    text.value = JSON.stringify(start, null, 2);
    const told = h("p", { class: "bad", role: "alert" });
    const save = async () => {
      try {
        await this.ask("PutItem", { TableName: this.chosen, Item: JSON.parse(text.value) });
        await this.refresh();
      } catch (error) {
        told.textContent = error.message;
      }
    };
    put(this.form, h("h4", {}, item ? "Item" : "New item"), text, told, h("p", { class: "acts" }, h("button", { class: "main", onclick: save }, "Put item"), h("button", { onclick: () => (this.form.hidden = true) }, "Cancel")));
    this.form.hidden = false;
    text.focus();
    this.form.scrollIntoView({ block: "nearest" });
  }

  // Asks once, in place
  sure(event, act, what) {
    const button = event.currentTarget;
    if (button.dataset.sure) return act();
    const was = button.textContent;
    button.dataset.sure = "yes";
    button.textContent = `Really ${what}?`;
    button.addEventListener("blur", () => {
      delete button.dataset.sure;
      button.textContent = was;
    }, { once: true });
  }

  async act(operation, params) {
    try {
      await this.ask(operation, params);
    } catch (error) {
      return this.said(error.message);
    }
    await this.refresh();
  }
}

function plain(value) {
  const [type, one] = Object.entries(value || { S: "" })[0];
  if (type === "S" || type === "N" || type === "B") return one;
  if (type === "BOOL") return one ? "true" : "false";
  if (type === "NULL") return "null";
  return JSON.stringify(one);
}
