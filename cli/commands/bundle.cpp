#include <algorithm>

#include "base/file.hpp"
#include "base/name.hpp"
#include "cli/bundle_text.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/lists.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"
#include "images/bundle/build.hpp"

namespace bulkhead::cli {
namespace {

using images::BundleLayout;

std::unexpected<Failure> failed(const Error& error) {
    return std::unexpected(Failure(error));
}
std::unexpected<Failure> failed(const Errors& errors) {
    Failure failure(errors.front());
    for (std::size_t i = 1; i < errors.size(); ++i)
        failure.problems.push_back(Failure(errors[i]).problems.front());
    return std::unexpected(std::move(failure));
}

// "A/": a folder; anything else: one file.
Result<> write(const BundleLayout& layout, const std::string& path) {
    std::error_code ec;
    return path.ends_with('/') || std::filesystem::is_directory(path, ec)
               ? images::write_layout_folder(layout, path)
               : images::write_layout_file(layout, path);
}

Outcome<Exit> init(Context& context, const std::filesystem::path& folder) {
    std::string name = context.args.text("name");
    std::error_code ec;
    if (name.empty()) name = std::filesystem::absolute(folder, ec).lexically_normal().filename().string();
    const std::string tenant = context.args.has("tenant") ? context.args.text("tenant") : "acme";
    for (const auto& label : {name, tenant})
        if (!is_label(label))
            return fail_usage("bundle init: '" + label + "' is no name (a-z, 0-9 and '-')",
                              "give --name and --tenant");
    const auto path = folder / "bundle.yaml";
    if (std::filesystem::exists(path, ec))
        return failed(
            {Code::conflict, "is there already", path.string(), {}, "edit it, or take another folder"});
    if (const auto made = make_folder(folder / "bin"); !made) return failed(made.error());
    if (const auto written = write_file_atomically(path, new_bundle_document(name, tenant)); !written)
        return failed(written.error());
    context.terminal.err("Wrote " + path.string() + ". Put the program at " +
                         (folder / "bin" / name).string() + ", then: bulkhead bundle build " +
                         folder.string() + "\n");
    return Exit::done;
}

Outcome<Exit> build(Context& context, const std::filesystem::path& folder) {
    const auto layout = images::build_bundle(folder);
    if (!layout) return failed(layout.error());
    const auto bundle = images::read_bundle(*layout, folder.string());
    if (!bundle) return failed(bundle.error());
    std::string output = context.args.text("output");
    if (output.empty()) output = bundle->document.name.str() + "-" + bundle->document.version + ".tar";
    // Inside, it would be a part of its own next build.
    const auto inside = std::filesystem::absolute(output).lexically_normal().lexically_relative(
        std::filesystem::absolute(folder).lexically_normal());
    if (!inside.empty() && *inside.begin() != ".." && *inside.begin() != ".")
        return failed({Code::invalid,
                       "would lie in the folder that it is built of",
                       output,
                       {},
                       "name a place outside: --output ../NAME.tar"});
    if (const auto written = write(*layout, output); !written) return failed(written.error());
    context.terminal.err("Built " + output + ". Now: bulkhead bundle sign --key NAME.key " + output + "\n");
    context.terminal.out(bundle->document.name.str() + "@sha256:" + bundle->digest + "\n");
    return Exit::done;
}

Outcome<Exit> sign(Context& context, const std::filesystem::path& path) {
    if (!context.args.has("key"))
        return fail_usage("bundle sign: the key is missing", "name it: --key NAME.key");
    const auto key = crypto::SigningKey::read(context.args.text("key"));
    if (!key) return failed(key.error());
    const auto layout = images::load_layout(path, {});
    if (!layout) return failed(layout.error());
    const auto with = images::sign_bundle(*layout, *key, path.string());
    if (!with) return failed(with.error());
    const auto bundle = images::read_bundle(*with, path.string());
    if (!bundle) return failed(bundle.error());
    if (const auto written = write(*with, path.string()); !written) return failed(written.error());
    context.terminal.err("Signed " + path.string() + " with " + key->verify_key().id() + ".\n");
    context.terminal.out(bundle->document.name.str() + "@sha256:" + bundle->digest + "\n");
    return Exit::done;
}

Outcome<Exit> inspect(Context& context, const std::filesystem::path& path) {
    const auto layout = images::load_layout(path, {});
    if (!layout) return failed(layout.error());
    const auto bundle = images::read_bundle(*layout, path.string());
    if (!bundle) return failed(bundle.error());
    context.terminal.out(bundle_text(*bundle));
    return Exit::done;
}

Outcome<Exit> verify(Context& context, const std::filesystem::path& path) {
    if (!context.args.has("key"))
        return fail_usage("bundle verify: the key is missing", "name it: --key NAME.pub");
    const auto key = crypto::VerifyKey::read(context.args.text("key"));
    if (!key) return failed(key.error());
    const auto layout = images::load_layout(path, {});
    if (!layout) return failed(layout.error());
    const auto bundle = images::read_bundle(*layout, path.string());
    if (!bundle) return failed(bundle.error());
    const std::vector trusted{*key};
    const auto signer = images::verify_bundle(*bundle, trusted, path.string());
    if (!signer) return failed(signer.error());
    context.terminal.err("Whole, and signed by " + signer->id() + " for tenant " +
                         bundle->document.tenant.str() + ".\n");
    context.terminal.out(bundle->document.name.str() + "@sha256:" + bundle->digest + "\n");
    return Exit::done;
}

Outcome<Exit> push(Context& context, const std::filesystem::path& path) {
    constexpr std::size_t piece = std::size_t{64} * 1024;
    const auto layout = images::load_layout(path, {});
    if (!layout) return failed(layout.error());
    // What the gateway would refuse after the whole way is refused here.
    if (const auto bundle = images::read_bundle(*layout, path.string()); !bundle)
        return failed(bundle.error());
    const auto archive = layout->to_tar();
    if (!archive) return failed(archive.error());
    std::size_t at = 0;
    const auto stored = context.client.push_bundle([&] {
        const auto next = std::string_view(*archive).substr(at, piece);
        at += next.size();
        return next;
    });
    if (!stored) return std::unexpected(stored.error());
    context.terminal.err("The gateway has " + stored->name() + " " + stored->version() +
                         ". Name it in the spec: application: {bundle: \"" + stored->reference() + "\"}\n");
    context.terminal.out(stored->reference() + "\n");
    return Exit::done;
}

Outcome<Exit> list(Context& context) {
    const std::string form = context.args.text("output");
    if (!form.empty() && form != "json" && form != "yaml")
        return fail_usage("bundle list: '" + form + "' is no format", "--output json, --output yaml or none");
    const auto bundles = context.client.bundles();
    if (!bundles) return std::unexpected(bundles.error());
    if (!form.empty()) {
        context.terminal.out(machine_text(*bundles, form == "json" ? Format::json : Format::yaml));
        return Exit::done;
    }
    context.terminal.out(
        bundle_table(*bundles).text(context.terminal.colour_out(), context.terminal.width()));
    context.terminal.err(std::to_string(bundles->size_bytes()) + " of at most " +
                         std::to_string(bundles->size_bytes_most()) + " bytes.\n");
    return Exit::done;
}

Outcome<Exit> remove(Context& context, const std::string& reference) {
    const auto gone = context.client.remove_bundle(reference);
    if (!gone) return std::unexpected(gone.error());
    context.terminal.err("Removed " + gone->reference() + " from the gateway.\n");
    return Exit::done;
}

Outcome<Exit> run_bundle(Context& context) {
    const std::string action = context.args.text("ACTION");
    if (action == "list") return list(context);
    if (context.args.text("PATH").empty())
        return fail_usage("bundle " + action + ": " +
                          (action == "remove" ? "the bundle's reference is missing" : "the path is missing"));
    if (action == "remove") return remove(context, context.args.text("PATH"));
    const std::filesystem::path path(context.args.text("PATH"));
    if (action == "init") return init(context, path);
    if (action == "build") return build(context, path);
    if (action == "sign") return sign(context, path);
    if (action == "inspect") return inspect(context, path);
    if (action == "verify") return verify(context, path);
    return push(context, path);
}

}  // namespace

Command bundle_command() {
    return {
        .name = "bundle",
        .summary = "Pack, sign and deliver an application",
        .description =
            "For vendors. A bundle is an OCI image layout with the files of one application, signed by "
            "you; a\n"
            "gateway runs it only if its spec names its digest and holds your public key.\n\n"
            "init     writes a bundle.yaml to begin with into the folder PATH\n"
            "build    makes a bundle of the folder PATH: the same files give the same bits\n"
            "sign     adds a signature by --key\n"
            "inspect  shows what is in it\n"
            "verify   checks that it is whole and signed by --key\n"
            "push     stores it on the gateway\n"
            "list     shows what was pushed to the gateway, and which partitions run it\n"
            "remove   takes it off the gateway: NAME@sha256:DIGEST; refused while a partition names it\n\n"
            "A bundle is one file, or a folder if --output ends with a slash.",
        .arguments = {{.name = "ACTION",
                       .help = "init, build, sign, inspect, verify, push, list or remove",
                       .values = Values::word,
                       .words = {"init", "build", "sign", "inspect", "verify", "push", "list", "remove"}},
                      {.name = "PATH",
                       .help = "The folder, or the bundle; with remove its reference",
                       .values = Values::file,
                       .optional = true}},
        .options = {{.name = "key",
                     .letter = 'k',
                     .value = "FILE",
                     .help = "With sign: your NAME.key; with verify: the NAME.pub",
                     .values = Values::file},
                    {.name = "output",
                     .value = "PATH",
                     .help = "With build: where to; NAME-VERSION.tar here if absent. With list: json or yaml",
                     .values = Values::file},
                    {.name = "name",
                     .value = "NAME",
                     .help = "With init: name of the bundle; the folder's if absent"},
                    {.name = "tenant",
                     .value = "NAME",
                     .help = "With init: your name in the gateway's spec"}},
        .examples = {{"bulkhead bundle init press-watch --tenant acme", "Begin one"},
                     {"bulkhead bundle build press-watch", "Makes press-watch-0.1.0.tar"},
                     {"bulkhead bundle sign --key acme.key press-watch-0.1.0.tar", "Sign it"},
                     {"bulkhead bundle push press-watch-0.1.0.tar", "Give it to the gateway"},
                     {"bulkhead bundle list", "What lies there, and who runs it"}},
        .run = run_bundle};
}

}  // namespace bulkhead::cli
