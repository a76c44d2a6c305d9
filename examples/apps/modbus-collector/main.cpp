// modbus-collector: reads holding registers of one Modbus RTU unit each period, and says what it read.
#include <modbus.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "csv_file.hpp"
#include "health.hpp"
#include "settings.hpp"

namespace {

using namespace modbus_collector;
using Clock = std::chrono::steady_clock;

struct ContextDeleter {
    void operator()(modbus_t* context) const {
        modbus_close(context);
        modbus_free(context);
    }
};
using Context = std::unique_ptr<modbus_t, ContextDeleter>;

// What this machine's first registers mean, by its manual.
struct Meaning {
    const char* name;
    double scale;
    const char* unit;
};
constexpr std::array<Meaning, 10> meanings{{{"spindle", 1, "rpm"},
                                            {"temperature", 0.1, "C"},
                                            {"parts", 1, ""},
                                            {"parts high", 1, ""},
                                            {"feed", 1, "mm/min"},
                                            {"load", 0.1, "%"},
                                            {"vibration", 0.01, "mm/s"},
                                            {"coolant", 0.1, "bar"},
                                            {"program", 1, ""},
                                            {"status", 1, ""}}};

void print(const std::string& line) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

std::string describe(std::uint16_t address, std::uint16_t value) {
    if (address >= meanings.size())
        return "register " + std::to_string(address) + " " + std::to_string(value);
    const Meaning& meaning = meanings[address];
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s %.*f %s", meaning.name, meaning.scale < 1 ? 1 : 0,
                  value * meaning.scale, meaning.unit);
    return text.data();
}

Context connect(const Settings& settings) {
    Context context(modbus_new_rtu(settings.device.c_str(), 9600, 'N', 8, 1));
    if (!context || modbus_set_slave(context.get(), settings.unit) != 0 || modbus_connect(context.get()) != 0)
        return nullptr;
    // After an answer that came late or broken, start from a quiet line.
    modbus_set_error_recovery(context.get(), MODBUS_ERROR_RECOVERY_PROTOCOL);
    modbus_set_response_timeout(context.get(), 0, 500'000);
    return context;
}

// All registers, in the order of the settings; nothing if any of them gave no answer.
std::optional<std::vector<std::uint16_t>> read_registers(modbus_t* context, const Settings& settings) {
    std::vector<std::uint16_t> values;
    for (const Range& range : settings.registers) {
        std::vector<std::uint16_t> part(range.count);
        if (modbus_read_registers(context, range.first, range.count, part.data()) != range.count)
            return std::nullopt;
        values.insert(values.end(), part.begin(), part.end());
    }
    return values;
}

// Until it is answered: whether the plant lets this program write is the plant's to say, and no reason to
// stop reading.
void write_setpoint(modbus_t* context, std::optional<Setpoint>& setpoint) {
    if (!setpoint) return;
    const bool done = modbus_write_register(context, setpoint->address, setpoint->value) == 1;
    const int error = errno;
    const bool refused =
        !done && error > MODBUS_ENOBASE && error <= EMBXGTAR;  // an exception of the protocol
    print("setpoint " + std::to_string(setpoint->address) + "=" + std::to_string(setpoint->value) +
          (done      ? " written"
           : refused ? std::string(" refused: ") + modbus_strerror(error)
                     : std::string(" not answered, it will be tried again: ") + modbus_strerror(error)));
    if (done || refused) setpoint.reset();
}

std::string csv_line(const std::vector<std::uint16_t>& values) {
    std::string line = std::to_string(std::time(nullptr));
    for (const auto value : values) line += "," + std::to_string(value);
    return line;
}

std::string name_of_partition() {
    const char* const name = std::getenv("BULKHEAD_PARTITION");  // NOLINT(concurrency-mt-unsafe): one thread
    return name == nullptr ? "?" : name;
}

void sleep_until(Clock::time_point time) {
    const auto since = time.time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
    const timespec wake{seconds.count(), (since - seconds).count()};
    ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, nullptr);
}

[[noreturn]] void collect(const Settings& settings) {
    Health health("unit " + std::to_string(settings.unit), std::chrono::seconds(5), Clock::now(), print);
    CsvFile file("/data/readings.csv");
    std::optional<HistorianLink> historian;
    if (settings.historian) historian.emplace(*settings.historian);
    Context context;
    auto setpoint = settings.setpoint;
    for (auto next = Clock::now();; next = std::max(next + settings.period, Clock::now())) {
        sleep_until(next);
        if (!context) context = connect(settings);
        const auto values = context ? read_registers(context.get(), settings) : std::nullopt;
        if (!values) {
            health.silent(Clock::now());
            continue;
        }
        write_setpoint(context.get(), setpoint);
        const auto reading = describe(settings.registers.front().first, values->front());
        health.answered(Clock::now(), reading);
        file.append(csv_line(*values));
        if (historian) historian->send(name_of_partition() + " " + reading, Clock::now());
    }
}

}  // namespace

int main() {
    std::string error;
    const auto settings = read_settings(error);
    if (!settings) {
        print("degraded: " + error);
        return EXIT_FAILURE;
    }
    collect(*settings);
}
