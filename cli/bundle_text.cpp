#include "cli/bundle_text.hpp"

#include "base/text.hpp"
#include "base/units.hpp"

namespace bulkhead::cli {
namespace {

constexpr std::size_t most_files = 20;

std::string bundle_line(const std::string& key, const std::string& value) {
    return key + std::string(13 - key.size(), ' ') + value + "\n";
}

}  // namespace

std::string bundle_text(const images::Bundle& bundle) {
    const auto& document = bundle.document;
    std::string text = bundle_line("bundle", document.name.str() + " " + document.version);
    text += bundle_line("reference", document.name.str() + "@sha256:" + bundle.digest);
    text += bundle_line("tenant", document.tenant.str());
    if (!document.description.empty()) text += bundle_line("description", document.description);
    std::string command = document.application;
    for (const auto& argument : document.arguments) command += " " + argument;
    text += bundle_line("application", command);
    if (document.memory.count != 0) text += bundle_line("memory", to_string(document.memory) + " or more");
    text += bundle_line("signatures", bundle.signatures.empty()
                                          ? "none: it will be refused unsigned"
                                          : std::to_string(bundle.signatures.size()) +
                                                " (not verified here: bulkhead bundle verify)");
    for (const auto& [key, meaning] : document.config) text += bundle_line("config", key + ": " + meaning);
    std::size_t shown = 0;
    for (const auto& file : bundle.files) {
        if (file.folder) continue;
        if (++shown > most_files) continue;
        text += bundle_line("file", printable(file.path, 200) + "  " + std::to_string(file.content.size()) +
                                        " bytes" + (file.executable ? ", executable" : ""));
    }
    if (shown > most_files)
        text += bundle_line("", "... and " + std::to_string(shown - most_files) + " more");
    return text;
}

std::string new_bundle_document(const std::string& name, const std::string& tenant) {
    return "# What bulkhead bundle build makes a bundle of: this file and all other files of the folder.\n"
           "apiVersion: bulkhead/v1alpha1\n"
           "kind: Bundle\n"
           "name: " +
           name +
           "\n"
           "version: 0.1.0\n"
           "# The tenant that the gateway's spec calls you.\n"
           "tenant: " +
           tenant +
           "\n"
           "description: What it does, in a line\n"
           "# What is started, as user app and without rights: a path below this folder.\n"
           "application: bin/" +
           name +
           "\n"
           "arguments: []\n"
           "# What its partition must have at least.\n"
           "memory: 64MiB\n"
           "# The settings that it knows. period: 2s in the spec is BULKHEAD_PERIOD=2s in its environment.\n"
           "config:\n"
           "  period: time between readings\n";
}

}  // namespace bulkhead::cli
