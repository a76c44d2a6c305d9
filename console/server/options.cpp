#include "console/server/options.hpp"

#include <CLI/CLI.hpp>

#include "base/units.hpp"

namespace bulkhead::console {
namespace {

// "30s" into whole seconds, at least one.
CLI::Option* add_duration(CLI::App& app, const std::string& name, std::chrono::seconds& target,
                          const std::string& help) {
    return app.add_option_function<std::string>(
        name,
        [&target, name](const std::string& text) {
            const auto parsed = parse_duration(text);
            if (!parsed) throw CLI::ValidationError(name, parsed.error().text());
            target = std::chrono::duration_cast<std::chrono::seconds>(*parsed);
            if (target.count() < 1) throw CLI::ValidationError(name, "'" + text + "' is less than a second");
        },
        help);
}

void add_serve(CLI::App& app, Options& options) {
    auto* serve = app.add_subcommand("serve", "Serve gateways, the command and the web UI");
    serve->callback([&] { options.verb = Verb::serve; });
    serve->option_defaults()->always_capture_default();
    serve->add_option("--listen", options.serve.listen,
                      "Address for gateways and the command (gRPC, TLS 1.3)");
    serve->add_option("--http", options.serve.http, "Address of the web UI and the REST API");
    serve->add_option("--web", options.serve.web, "Folder of the built web UI");
    serve->add_option("--name", options.serve.name, "Name or address in the console's certificate");
    serve->add_option("--address", options.serve.address,
                      "HOST:PORT that gateways dial, if it is not that of --listen; stands in join strings");
    serve->add_option("--tpm-roots", options.serve.tpm_roots,
                      "PEM of the TPM manufacturers' certificates that make a TPM count as hardware");
    add_duration(*serve, "--round", options.serve.round, "Pause between two attestation rounds [30s]");
    add_duration(*serve, "--certificate-lifetime", options.serve.certificate_lifetime,
                 "Of gateways' certificates; renewed at half of it [30d]");
}

CLI::App* add_verb(CLI::App& parent, Options& options, const char* name, const char* help, Verb verb,
                   const char* subject = nullptr) {
    auto* app = parent.add_subcommand(name, help);
    app->callback([&options, verb] { options.verb = verb; });
    if (subject != nullptr) app->add_option(subject, options.subject)->required();
    return app;
}

void add_verbs(CLI::App& app, Options& options) {
    auto* token = app.add_subcommand("token", "One-time tokens for gateways")->require_subcommand(1);
    auto* create =
        add_verb(*token, options, "create", "Print a join string for one gateway", Verb::token_create);
    add_duration(*create, "--lifetime", options.token_lifetime, "How long it is good [1h]");
    create->add_option("--for-ek", options.ek, "SHA-256 of the EK of the only TPM that may use it");
    auto* user = app.add_subcommand("user", "People")->require_subcommand(1);
    auto* add = add_verb(*user, options, "add", "Add a user and print the password", Verb::user_add, "NAME");
    add->add_option("--role", options.role, "it-admin, ot-operator, vendor or auditor")->required();
    add->add_option("--tenant", options.tenant, "Of a vendor");
    add_verb(*user, options, "list", "List users", Verb::user_list);
    add_verb(*user, options, "reset", "Print a new password; ends the user's sessions", Verb::user_reset,
             "NAME");
    add_verb(*user, options, "remove", "Remove a user", Verb::user_remove, "NAME");
    auto* trust = app.add_subcommand("trust", "IT's keys: what they signed may be sent to gateways")
                      ->require_subcommand(1);
    add_verb(*trust, options, "add", "Trust a public key", Verb::trust_add, "KEY.pub");
    add_verb(*trust, options, "list", "List trusted keys", Verb::trust_list);
    auto* gateway = app.add_subcommand("gateway", "Enrolled gateways")->require_subcommand(1);
    add_verb(*gateway, options, "list", "List gateways", Verb::gateway_list);
    add_verb(*gateway, options, "remove", "Refuse a gateway from now on", Verb::gateway_remove, "NAME");
}

}  // namespace

ParsedOptions parse_options(int argc, const char* const* argv) {
    ParsedOptions parsed;
    CLI::App app("The centre of a fleet of gateways. All but `serve` work while it runs, and without it.");
    app.set_version_flag("--version", std::string("bulkhead-console ") + BULKHEAD_VERSION);
    app.fallthrough();
    app.add_option("--state", parsed.options.state, "Folder of the database and the console's keys")
        ->capture_default_str();
    app.require_subcommand(1);
    add_serve(app, parsed.options);
    add_verbs(app, parsed.options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        parsed.exit_code = app.exit(error) == 0 ? 0 : 2;
    }
    return parsed;
}

}  // namespace bulkhead::console
