using System.Globalization;
using ScaleKit.Migration;

namespace LiveMigration;

/// <summary>Changes, adds and deletes rows that no other writer touches, and says what it is about to do and what was acknowledged.</summary>
internal sealed class Writer(DualWriteRepository<string, string> rows, int id, int life, int seeded, Action<string> say)
{
    public const int Count = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    public async Task RunAsync(CancellationToken stop)
    {
        var random = new Random((life * Count) + id);
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var key = random.Next(3) == 0
                ? string.Create(CultureInfo.InvariantCulture, $"writer{id}/{random.Next(10_000):D6}")
                : SeedRows.Key((random.Next((seeded - id + Count - 1) / Count) * Count) + id);
            var delete = random.Next(5) == 0;
            var value = delete ? "" : string.Create(CultureInfo.InvariantCulture, $"{life}.{id}.{i}");
            try
            {
                say($"try {key} {value}");
                if (delete)
                {
                    await rows.DeleteAsync(key, CancellationToken.None);
                }
                else
                {
                    await rows.UpsertAsync(key, value, CancellationToken.None);
                }

                say($"done {key} {value}");
            }
            catch (Exception failure) when (failure is not NullReferenceException)
            {
                // Unknown, as with any database: it may have been written or not. The book keeps both.
                say($"failed {key} {value}");
            }

            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
        }
    }
}
