#include <cstdlib>

#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/contexts.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal.hpp"
#include "crypto/certificate.hpp"
#include "crypto/join_string.hpp"
#include "crypto/pinned_chain.hpp"

namespace bulkhead::cli {
namespace {

constexpr std::size_t password_limit = 1024;

std::string password_in(const std::string& text) {
    return text.substr(0, text.find_first_of("\r\n"));
}

Outcome<std::string> password_of(Context& context) {
    const char* variable = std::getenv("BULKHEAD_PASSWORD_FILE");
    std::string path = context.args.text("password-file");
    if (path.empty() && variable != nullptr) path = variable;
    if (context.args.has("password-stdin")) path = "/dev/stdin";
    if (path == "/dev/stdin") {
        const auto line = context.terminal.read_line();
        if (!line) return fail_usage("no password came on stdin", "echo PASSWORD | bulkhead login ...");
        return *line;
    }
    if (!path.empty()) {
        auto text = read_file(path, password_limit);
        if (!text) return std::unexpected(Failure(text.error()));
        return password_in(*text);
    }
    if (!context.terminal.can_ask())
        return fail_usage("nobody can be asked for the password",
                          "give --password-stdin, --password-file FILE or $BULKHEAD_PASSWORD_FILE");
    const auto typed = context.terminal.ask_secret("Password: ", context.interrupt);
    if (!typed) return fail_usage("no password was given");
    return *typed;
}

// On first contact there is nothing to compare with but what a person knows.
Outcome<std::string> agreed_pin(Context& context, const std::string& ca_pem, const std::string& console) {
    const auto facts = crypto::read_certificate(ca_pem, console);
    if (!facts) return std::unexpected(Failure(facts.error()));
    const bool here =
        console.starts_with("127.") || console.starts_with("localhost:") || console.starts_with("[::1]");
    context.terminal.err("The CA of " + console + " has the SHA-256 " + facts->sha256 + ".\n");
    if (here) return facts->sha256;
    if (!context.terminal.can_ask())
        return fail_usage("nobody can be asked whether this is the right console",
                          "compare it there, and add --pin " + facts->sha256);
    const auto answer = context.terminal.ask("Is it the right one? [y/N] ", context.interrupt);
    if (!answer || (*answer != "y" && *answer != "yes"))
        return std::unexpected(Failure(Error{Code::refused, "the console was not trusted", console, {}, {}}));
    return facts->sha256;
}

Outcome<Exit> run_login(Context& context) {
    const auto& args = context.args;
    const auto path = contexts_path();
    if (!path) return std::unexpected(Failure(path.error()));
    auto contexts = read_contexts(*path);
    if (!contexts) return std::unexpected(Failure(contexts.error()));
    std::string name = args.text("context");
    Endpoint endpoint;
    if (const auto* known = contexts->find(name.empty() ? contexts->current : name)) endpoint = *known;
    if (!args.text("ADDRESS").empty()) {
        const auto address = crypto::parse_host_port(args.text("ADDRESS"), "ADDRESS");
        if (!address) return std::unexpected(Failure(address.error(), Exit::usage));
        const std::string console = crypto::JoinString{address->host, address->port, {}, {}}.address();
        if (console != endpoint.console) endpoint = {};
        endpoint.console = console;
        if (name.empty() && endpoint.context.empty()) name = address->host;
    }
    if (!endpoint.is_console())
        return fail_usage("login: the console's address is missing", "bulkhead login HOST:PORT");
    if (!name.empty()) endpoint.context = name;
    if (args.has("pin")) {
        auto pin = crypto::parse_pin(args.text("pin"), "--pin");
        if (!pin) return std::unexpected(Failure(pin.error(), Exit::usage));
        endpoint.pin = std::move(*pin);
    }
    if (args.has("user")) endpoint.user = args.text("user");
    if (endpoint.user.empty() && context.terminal.can_ask())
        endpoint.user = context.terminal.ask("User: ", context.interrupt).value_or("");
    if (endpoint.user.empty()) return fail_usage("login: the user is missing", "--user NAME");

    endpoint.session.clear();
    if (endpoint.pin.empty()) {
        // Only shakes hands: no password goes to a console that nobody has vouched for.
        Endpoint unknown = endpoint;
        unknown.pin = crypto::any_ca;
        Client first(unknown);
        const auto version = first.version();
        if (first.ca_pem().empty()) {
            if (!version) return std::unexpected(version.error());
            return fail_usage("the console shows no certificate");
        }
        auto pin = agreed_pin(context, first.ca_pem(), endpoint.console);
        if (!pin) return std::unexpected(pin.error());
        endpoint.pin = std::move(*pin);
    }
    const auto password = password_of(context);
    if (!password) return std::unexpected(password.error());
    Client client(endpoint);
    const auto reply = client.sign_in(endpoint.user, *password);
    if (!reply) return std::unexpected(reply.error());
    endpoint.session = reply->session();
    // A context that was named is one for this and that; without a name it is what one works with from now
    // on.
    if (!args.has("context")) contexts->current = endpoint.context;
    contexts->put(endpoint);
    if (auto kept = write_contexts(*path, *contexts); !kept) return std::unexpected(Failure(kept.error()));
    context.terminal.err("Signed in to " + endpoint.console + " as " + reply->user() + ", " + reply->role() +
                         (reply->tenant().empty() ? "" : " of " + reply->tenant()) + ", until " +
                         reply->expires() + "; context " + endpoint.context + ".\n");
    return Exit::done;
}

Outcome<Exit> run_logout(Context& context) {
    const auto path = contexts_path();
    if (!path) return std::unexpected(Failure(path.error()));
    auto contexts = read_contexts(*path);
    if (!contexts) return std::unexpected(Failure(contexts.error()));
    const std::string name = context.args.has("context") ? context.args.text("context") : contexts->current;
    if (name.empty()) {
        context.terminal.err("No context is current: nobody is signed in.\n");
        return Exit::done;
    }
    const auto* found = contexts->find(name);
    if (!found) return std::unexpected(Failure(no_such_context(*contexts, name).error(), Exit::usage));
    Endpoint endpoint = *found;
    if (endpoint.session.empty()) {
        context.terminal.err("Nobody is signed in.\n");
        return Exit::done;
    }
    Client client(endpoint);
    const auto done = client.sign_out();
    endpoint.session.clear();
    contexts->put(endpoint);
    if (auto kept = write_contexts(*path, *contexts); !kept) return std::unexpected(Failure(kept.error()));
    context.terminal.err(done ? "Signed out.\n"
                              : "The session is forgotten here; the console could not be told.\n");
    return Exit::done;
}

}  // namespace

Command login_command() {
    return {
        .name = "login",
        .summary = "Sign in to a console",
        .description =
            "Remembers the console as a context (bulkhead context), with its certificate pinned. Without\n"
            "--context it becomes the current one. The password is asked for, or read from --password-file,\n"
            "$BULKHEAD_PASSWORD_FILE or stdin; it is never an argument and never kept.",
        .arguments = {{.name = "ADDRESS", .help = "HOST:PORT; the context's, if absent", .optional = true}},
        .options =
            {{.name = "user", .value = "NAME", .help = "Who you are there"},
             {.name = "pin", .value = "SHA256", .help = "Of the console's CA, as it prints it"},
             {.name = "password-file", .value = "FILE", .help = "Its first line", .values = Values::file},
             {.name = "password-stdin", .help = "Read the password from stdin"}},
        .examples = {{"bulkhead login console.example:7443 --user anna",
                      "And work with the fleet from now on"}},
        .run = run_login,
        .own_context = true};
}

Command logout_command() {
    return {.name = "logout",
            .summary = "Sign out of a console",
            .examples = {{"bulkhead logout", "The session ends there, and is forgotten here"}},
            .run = run_logout,
            .own_context = true};
}

}  // namespace bulkhead::cli
