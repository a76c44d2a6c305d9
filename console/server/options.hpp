// The command line of bulkhead-console.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace bulkhead::console {

struct ServeOptions {
    std::string listen = "127.0.0.1:7443";  // gRPC: gateways and the command
    std::string http = "127.0.0.1:8080";
    std::filesystem::path web;        // of the built web UI; empty: none
    std::string name = "localhost";   // in the console's certificate
    std::string address;              // HOST:PORT that gateways dial; empty: that of `listen`
    std::filesystem::path tpm_roots;  // PEM of TPM manufacturers
    std::chrono::seconds round{30};
    std::chrono::seconds certificate_lifetime{std::chrono::days{30}};
};

enum class Verb {
    serve,
    token_create,
    user_add,
    user_list,
    user_reset,
    user_remove,
    trust_add,
    trust_list,
    gateway_list,
    gateway_remove
};

struct Options {
    std::filesystem::path state = "/var/lib/bulkhead-console";
    Verb verb = Verb::serve;
    ServeOptions serve;
    std::chrono::seconds token_lifetime{std::chrono::hours{1}};
    std::string ek;       // token create --for-ek
    std::string subject;  // a user, a gateway, a key's file
    std::string role = "auditor";
    std::string tenant;
};

struct ParsedOptions {
    Options options;
    int exit_code = -1;  // 0 or more: end with it
};
ParsedOptions parse_options(int argc, const char* const* argv);

}  // namespace bulkhead::console
