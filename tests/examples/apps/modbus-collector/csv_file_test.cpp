#include "examples/apps/modbus-collector/csv_file.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

namespace modbus_collector {
namespace {

struct Kept : testing::Test {
    Kept() {
        std::string pattern = testing::TempDir() + "passthrough-csv-XXXXXX";
        folder = ::mkdtemp(pattern.data());
    }
    ~Kept() override { std::filesystem::remove_all(folder); }
    std::filesystem::path folder;
};

TEST_F(Kept, readings_never_take_more_than_two_files) {
    {
        CsvFile file(folder / "r.csv", 100);
        for (int i = 0; i < 1000; ++i) file.append("123456789");
    }
    CsvFile again(folder / "r.csv", 100);
    again.append("123456789");
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        EXPECT_LE(entry.file_size(), 100U);
        ++files;
    }
    EXPECT_EQ(files, 2U);
}

TEST_F(Kept, a_folder_that_is_not_there_is_no_failure) {
    CsvFile file(folder / "none" / "r.csv");
    file.append("1");
    EXPECT_TRUE(std::filesystem::is_empty(folder));
}

}  // namespace
}  // namespace modbus_collector
