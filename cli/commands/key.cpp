#include "base/file.hpp"
#include "cli/commands.hpp"
#include "cli/terminal.hpp"
#include "crypto/encoding.hpp"
#include "crypto/signing_key.hpp"

namespace bulkhead::cli {
namespace {

constexpr std::size_t key_limit = 16 * 1024;  // bytes of a PEM file

// As the gateway's spec takes it.
std::string shown(const crypto::VerifyKey& key) {
    return "ed25519:" + crypto::to_base64(key.raw());
}

Outcome<Exit> generate(Context& context) {
    const std::string name = context.args.text("output");
    if (name.empty())
        return fail_usage("key generate: the name of the key is missing", "name it: --output NAME");
    const std::filesystem::path secret(name + ".key");
    const std::filesystem::path open(name + ".pub");
    std::error_code ec;
    for (const auto& path : {secret, open})
        if (std::filesystem::exists(std::filesystem::symlink_status(path, ec)))
            return std::unexpected(Failure(
                Error{Code::conflict, "there is a key already", path.string(), {}, "take another name"}));
    const auto key = crypto::SigningKey::generate();
    for (const auto& [path, content, mode] :
         {std::tuple{secret, key.pem(), 0600U}, std::tuple{open, key.verify_key().pem(), 0644U}})
        if (const auto written = write_file_atomically(path, content, mode); !written)
            return std::unexpected(Failure(written.error()));
    context.terminal.err("Wrote " + secret.string() + " (keep it secret) and " + open.string() + ", " +
                         key.verify_key().id() + ".\n");
    context.terminal.out(shown(key.verify_key()) + "\n");
    return Exit::done;
}

Outcome<Exit> show(Context& context) {
    const std::filesystem::path path(context.args.text("FILE"));
    if (path.empty()) return fail_usage("key show: the file is missing", "bulkhead key show NAME.pub");
    auto pem = read_file(path, key_limit);
    if (!pem) return std::unexpected(Failure(pem.error()));
    // Either half of a pair.
    auto key = crypto::VerifyKey::from_pem(*pem, path.string());
    if (!key)
        if (const auto secret = crypto::SigningKey::from_pem(*pem, path.string())) key = secret->verify_key();
    if (!key) return std::unexpected(Failure(key.error()));
    context.terminal.err(key->id() + "\n");
    context.terminal.out(shown(*key) + "\n");
    return Exit::done;
}

Outcome<Exit> run_key(Context& context) {
    return context.args.text("ACTION") == "generate" ? generate(context) : show(context);
}

}  // namespace

Command key_command() {
    return {.name = "key",
            .summary = "Make and show keys that sign",
            .description =
                "A key of a person: a vendor signs bundles with one, IT signs specs. NAME.key is the secret "
                "half\n"
                "and stays with you; NAME.pub is for whoever verifies. On stdout stands the public half as\n"
                "tenants[].keys of a gateway's spec takes it.",
            .arguments = {{.name = "ACTION",
                           .help = "generate or show",
                           .values = Values::word,
                           .words = {"generate", "show"}},
                          {.name = "FILE",
                           .help = "With show: NAME.pub or NAME.key",
                           .values = Values::file,
                           .optional = true}},
            .options = {{.name = "output",
                         .value = "NAME",
                         .help = "With generate: write NAME.key (mode 0600) and NAME.pub",
                         .values = Values::file}},
            .examples = {{"bulkhead key generate --output acme", "A vendor's pair of keys"},
                         {"bulkhead key show acme.pub", "What IT puts into the gateway's spec"}},
            .run = run_key};
}

}  // namespace bulkhead::cli
