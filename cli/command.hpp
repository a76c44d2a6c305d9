// A command as data: the parser, the help, the man page and the completion all read these tables.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/failure.hpp"

namespace bulkhead::cli {

class Client;
class Interrupt;
class Terminal;
struct Command;

// What a value may be: for completion.
enum class Values {
    free,
    file,
    folder,
    word,
    partition,
    device,
    zone,
    conduit,
    tenant,
    volume,
    gateway,
    context,
    named_by_kind
};

struct Option {
    std::string name;   // without the dashes
    char letter = 0;    // 0: none
    std::string value;  // FILE; empty: a flag
    std::string help;
    Values values = Values::free;
    std::vector<std::string> words;  // Values::word: nothing else is accepted
    bool many = false;               // may be given again, or with commas
    std::string preset;
};

struct Argument {
    std::string name;  // PARTITION
    std::string help;
    Values values = Values::free;
    std::vector<std::string> words;
    bool optional = false;
};

// What was typed, checked against the tables.
class Invocation {
  public:
    void set(const std::string& name, std::vector<std::string> values) { values_[name] = std::move(values); }
    bool has(std::string_view name) const { return values_.find(name) != values_.end(); }
    std::string text(std::string_view name) const;  // empty if it was not given
    std::vector<std::string> all(std::string_view name) const;

  private:
    std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

struct Context {
    const std::vector<Command>& commands;
    const Invocation& args;
    Client& client;
    const Terminal& terminal;
    Interrupt& interrupt;
};

struct Example {
    std::string line;
    std::string says;
};

struct Command {
    std::string name;
    std::string summary;      // one line, no full stop
    std::string description;  // paragraphs divided by empty lines; not wrapped
    std::vector<Argument> arguments;
    std::vector<Option> options;
    std::vector<Example> examples;
    Outcome<Exit> (*run)(Context&) = nullptr;
    bool hidden = false;
    bool own_context = false;  // --context names what it changes, not whom it speaks to
    bool raw = false;          // gets its words as they are, in args.all("words")
};

// --gateway NAME: which one of a console's fleet.
Option gateway_option();

const Command* find_command(const std::vector<Command>& commands, std::string_view name);

// Options that every command takes: --socket, --help.
const std::vector<Option>& global_options();

// -o, with the formats that a command knows.
Option output_option(std::vector<std::string> formats);

}  // namespace bulkhead::cli
