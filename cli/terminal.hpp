// The three streams of the program: data goes to stdout, everything else to stderr.
#pragma once

#include <termios.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace bulkhead::cli {

class Interrupt;

class Terminal {
  public:
    // Looks at what the streams are, and at NO_COLOR and TERM (no-color.org).
    Terminal();

    void out(std::string_view text) const;
    void err(std::string_view text) const;
    bool colour_out() const { return colour_out_; }
    bool colour_err() const { return colour_err_; }
    // Something may move on stderr.
    bool lively() const { return lively_; }
    // A person can be asked: stdin and stderr are terminals.
    bool can_ask() const { return can_ask_; }
    // Columns of stdout, 0 if it is no terminal.
    std::size_t width() const;
    // Columns of stderr, 80 if nobody knows.
    std::size_t error_width() const;

    // Asks on stderr; the line that was typed, without blanks around it. Nothing if input ended or a signal
    // came.
    std::optional<std::string> ask(std::string_view question, const Interrupt& interrupt) const;

    // The same without showing what is typed.
    std::optional<std::string> ask_secret(std::string_view question, const Interrupt& interrupt) const;
    // One line of stdin that nobody was asked for; nothing if there is none.
    std::optional<std::string> read_line() const;

    // Whether everything written to stdout got there.
    Result<> flush() const;

  private:
    bool colour_out_;
    bool colour_err_;
    bool lively_;
    bool can_ask_;
};

// Puts the terminal on stdin into raw mode for its lifetime. Fatal signals put it back too.
class RawTerminal {
  public:
    static Result<RawTerminal> enter();
    RawTerminal(RawTerminal&& other) noexcept;
    RawTerminal& operator=(RawTerminal&&) = delete;
    ~RawTerminal();

  private:
    explicit RawTerminal(const termios& before) : before_(before) {}
    termios before_;
    bool owns_ = true;
};

}  // namespace bulkhead::cli
