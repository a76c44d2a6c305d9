#include "base/text.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/lists.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

std::string line(std::string_view label, const std::string& value, bool colour, Style style = Style::plain) {
    std::string padded(label);
    padded.resize(12, ' ');
    return styled(padded, Style::bold, colour) + styled(printable(value, 512), style, colour) + "\n";
}

std::string drift_text(const api::Status& status, bool colour) {
    std::string text;
    for (const auto& drift : status.drift()) {
        text += line("drift", drift.subject() + ": " + drift.what(), colour, Style::warn);
        if (!drift.rule().empty()) text += line("", "rule: " + drift.rule(), colour);
        if (!drift.mend().empty()) text += line("", "mend: " + drift.mend(), colour);
    }
    return text;
}

std::string trust_text(const api::Status& status, bool colour) {
    const auto& attested = status.attestation();
    std::string tpm = tpm_words(attested.trust_anchor());
    if (!attested.attestation().empty())
        tpm +=
            "; " +
            attestation_cell(attested.attestation(), {}, attested.attested_at(), attested.age_seconds()).text;
    if (attested.attestation() == "untrusted") tpm += ": " + attested.text();
    std::string text =
        line("TPM", tpm, colour, attested.attestation() == "untrusted" ? Style::bad : Style::plain);
    if (status.console().empty()) return text + line("console", "not enrolled", colour);
    std::string console = status.console() + ", " + status.console_state();
    if (status.signed_generation() != 0)
        console += ", signed generation " + std::to_string(status.signed_generation());
    if (status.spooled() != 0) console += ", " + std::to_string(status.spooled()) + " events wait";
    text +=
        line("console", console, colour, status.console_state() == "connected" ? Style::plain : Style::warn);
    return text;
}

Outcome<Exit> run_status(Context& context) {
    const auto status = context.client.status();
    if (!status) return std::unexpected(status.error());
    const Format format = format_of(context.args);
    const Terminal& terminal = context.terminal;
    if (!for_people(format)) {
        terminal.out(machine_text(*status, format));
        return Exit::done;
    }
    const auto list = context.client.partitions({});
    if (!list) return std::unexpected(list.error());
    const bool colour = terminal.colour_out();
    std::string text = gateway_line(*status, colour);
    text +=
        line("partitions",
             std::to_string(status->partitions_ok()) + " of " + std::to_string(status->partitions()) + " ok",
             colour, status->partitions_ok() == status->partitions() ? Style::good : Style::warn);
    for (const auto& partition : list->items())
        for (const auto& remark : remarks(partition))
            text += "  " + styled(printable(remark.text, 512), remark.style, colour) + "\n";
    text += line("hypervisor", status->hypervisor(), colour);
    text += trust_text(*status, colour);
    text += line("in progress", status->operation().empty() ? "nothing" : status->operation(), colour);
    text += drift_text(*status, colour);
    if (status->generation() == 0) text += "\nNo spec was applied yet: bulkhead apply -f FILE\n";
    terminal.out(text);
    return Exit::done;
}

}  // namespace

Command status_command() {
    return {.name = "status",
            .summary = "Show how the gateway is, on one screen",
            .description =
                "Which spec is applied, who is not well and why, and what differs from the spec but may not\n"
                "be changed without a word from a person (drift).",
            .options = {output_option({"table", "json", "yaml"})},
            .examples = {{"bulkhead status", "The first thing to look at"}},
            .run = run_status};
}

}  // namespace bulkhead::cli
