// Whom the command speaks to: the manager of this machine, or a console and its fleet.
#pragma once

#include <filesystem>
#include <string>

namespace bulkhead::cli {

struct Endpoint {
    std::filesystem::path socket;  // a manager's
    std::string console;           // HOST:PORT; empty: a manager
    std::string pin;               // of the console's CA: hexadecimal, or crypto::any_ca
    std::string session;           // bearer secret of who signed in
    std::string user;
    std::string context;  // its name; empty: none, the machine's own manager

    bool is_console() const { return !console.empty(); }
    // "context demo: console 192.0.2.7:7443 as anna".
    std::string text() const {
        const std::string who = user.empty() ? "" : " as " + user;
        return "context " + context + ": " +
               (is_console() ? "console " + console + who : "gateway " + socket.string());
    }
};

}  // namespace bulkhead::cli
