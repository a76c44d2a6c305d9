#include <unistd.h>

#include <array>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal.hpp"
#include "crypto/encoding.hpp"
#include "crypto/sealed_box.hpp"

namespace bulkhead::cli {
namespace {

constexpr std::size_t longest_secret = 1024;

// All of stdin, as it is: a secret may be a key with line breaks.
Outcome<std::string> secret_of(Context& context) {
    if (context.terminal.can_ask()) {
        const auto typed = context.terminal.ask_secret("Secret: ", context.interrupt);
        if (!typed) return fail_usage("no secret was given");
        return *typed;
    }
    std::string secret;
    std::array<char, 4096> chunk{};
    ssize_t got = 0;
    while ((got = ::read(STDIN_FILENO, chunk.data(), chunk.size())) > 0 && secret.size() <= longest_secret)
        secret.append(chunk.data(), static_cast<std::size_t>(got));
    return secret;
}

// That of the gateway at hand, if none was given.
Outcome<std::string> gateway_key(Context& context) {
    if (context.args.has("gateway-key")) return context.args.text("gateway-key");
    const auto diagnosis = context.client.diagnose();
    if (!diagnosis) return std::unexpected(diagnosis.error());
    for (const auto& item : diagnosis->items())
        if (item.name() == "secrets" && item.detail().starts_with("key "))
            return item.detail().substr(4, item.detail().find(',') - 4);
    return fail_usage("the gateway has no key for secrets", "give --gateway-key KEY");
}

Outcome<Exit> run_secret(Context& context) {
    const auto& args = context.args;
    for (const auto* name : {"gateway", "partition", "name"})
        if (args.text(name).empty())
            return fail_usage("secret seal: --" + std::string(name) + " is missing",
                              "see bulkhead secret --help");
    const auto text = gateway_key(context);
    if (!text) return std::unexpected(text.error());
    const auto key = crypto::from_base64(*text, "--gateway-key");
    if (!key || key->size() != 32)
        return fail_usage("--gateway-key is no key of a gateway", "take it from its: bulkhead doctor");
    const auto secret = secret_of(context);
    if (!secret) return std::unexpected(secret.error());
    if (secret->empty() || secret->size() > longest_secret)
        return fail_usage("the secret is empty or longer than 1024 bytes");
    const auto box = crypto::seal_box(
        *key, args.text("gateway") + "/" + args.text("partition") + "/" + args.text("name"), *secret);
    if (!box) return std::unexpected(Failure(box.error()));
    context.terminal.out(crypto::to_base64(*box) + "\n");
    return Exit::done;
}

}  // namespace

Command secret_command() {
    return {
        .name = "secret",
        .summary = "Encrypt a secret of an application to its gateway",
        .description =
            "seal reads a secret and prints the text for application.secrets in the spec. Only that gateway\n"
            "can read it, for that partition and name alone, and the application gets it only when its\n"
            "partition was proved trusted since it started, and until it is untrusted.",
        .arguments = {{.name = "ACTION", .help = "seal", .values = Values::word, .words = {"seal"}}},
        .options =
            {{.name = "gateway-key",
              .value = "KEY",
              .help = "As its bulkhead doctor shows it; that of this gateway, if absent"},
             {.name = "gateway", .value = "NAME", .help = "Name of the gateway", .values = Values::gateway},
             {.name = "partition",
              .value = "NAME",
              .help = "Partition of the application",
              .values = Values::partition},
             {.name = "name", .value = "NAME", .help = "Name of the secret"}},
        .examples = {{"bulkhead secret seal --gateway-key K --gateway press-line-3 --partition robot-cell "
                      "--name token <token.txt",
                      "A line for the spec"}},
        .run = run_secret};
}

}  // namespace bulkhead::cli
