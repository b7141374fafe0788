using System.Globalization;
using ScaleKit.Migration;

namespace LiveMigration;

/// <summary>The rows that are there before anything begins.</summary>
internal static class SeedRows
{
    public static string Key(int index) => string.Create(CultureInfo.InvariantCulture, $"row/{index:D9}");

    public static string Value(int index) => string.Create(CultureInfo.InvariantCulture, $"seed.{index}: a message of some length, as people write them to each other");

    public static async Task WriteAsync(Place place, int rows, Action<int> written)
    {
        const int batch = 5_000;
        await using var store = place.OpenOld();
        for (var first = 0; first < rows; first += batch)
        {
            var count = Math.Min(batch, rows - first);
            await store.ApplyManyIfNewerAsync(
                [.. Enumerable.Range(first, count).Select(i => new VersionedEntry<string, string>(Key(i), VersionedValue.Live(Value(i), new RowVersion(1, 1))))]);
            written(count);
        }
    }
}
