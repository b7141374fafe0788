namespace ScaleKit.Migration.Tests;

/// <summary>
/// The writing process of a history test: three writers, each the only one of its keys, and a counter that all share. What each is about to do, was told and saw goes to the test line by line, so that
/// nothing is forgotten when the process is killed.
/// </summary>
internal static class HistoryWriters
{
    public const int Keys = 60;
    private const int Writers = 3;
    private static readonly Lock Gate = new();

    public static async Task RunAsync(DualWriteRepository<string, string> repository, int seed, int life)
    {
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(id => Task.Run(() => RunAsync(repository, id, seed, life))));
    }

    private static async Task RunAsync(DualWriteRepository<string, string> repository, int id, int seed, int life)
    {
        var random = new Random((((seed * 1000) + life) * Writers) + id);
        for (var i = 0; ; i++)
        {
            var key = $"writer{id}/{random.Next(Keys):D6}";
            var value = $"{life}.{id}.{i}";
            switch (random.Next(6))
            {
                case 0:
                    await TryAsync(key, "", async () => await repository.DeleteAsync(key));
                    break;
                case 1:
                    await TryAsync("counter", value, async () => await repository.UpdateAsync("counter", static row => $"{int.Parse(row.Value ?? "0", null) + 1}"));
                    break;
                case 2:
                    break;
                default:
                    await TryAsync(key, value, async () => await repository.UpsertAsync(key, value));
                    break;
            }

            try
            {
                var row = await repository.GetAsync(key);
                Say($"saw {key} {row.Value}");
            }
            catch (Exception failure) when (failure is not NullReferenceException)
            {
                // The server is down.
            }
        }
    }

    private static async Task TryAsync(string key, string value, Func<Task> write)
    {
        Say($"try {key} {value}");
        try
        {
            await write();
            Say($"done {key} {value}");
        }
        catch (Exception failure) when (failure is not NullReferenceException)
        {
            // Unknown: it may stand there or not.
            Say($"failed {key} {value}");
        }
    }

    private static void Say(string line)
    {
        lock (Gate)
        {
            Console.WriteLine(line);
        }
    }
}
