namespace ScaleKit.Migration.Tests;

/// <summary>A client that is the only writer of its keys and knows what each may be: the last acknowledged value, or one of those whose outcome it never learned.</summary>
internal sealed class BookkeepingClient(DualWriteRepository<string, string> repository, int id, int seed)
{
    private readonly Dictionary<string, HashSet<string>> _possible = [];
    private int _attempts;

    public int Attempts => Volatile.Read(ref _attempts);

    public int Increments { get; private set; }

    public int UnknownIncrements { get; private set; }

    public string? Anomaly { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        var random = new Random((seed * 1000) + id);
        for (var i = 0; !stop.IsCancellationRequested && Anomaly is null; i++)
        {
            var key = $"client{id}/{random.Next(100):D6}";
            switch (random.Next(6))
            {
                case 0:
                    await WriteAsync(key, "", async () => await repository.DeleteAsync(key, CancellationToken.None));
                    break;
                case 1:
                    await IncrementAsync();
                    break;
                case 2:
                    await ReadAsync(key);
                    break;
                default:
                    var value = $"{i}";
                    await WriteAsync(key, value, async () => await repository.UpsertAsync(key, value, CancellationToken.None));
                    await ReadAsync(key);
                    break;
            }

            Interlocked.Increment(ref _attempts);
        }
    }

    /// <summary>Every key has one of its possible values, and there is none that nobody wrote.</summary>
    public async Task CheckAsync()
    {
        foreach (var key in _possible.Keys)
        {
            await ReadAsync(key);
        }

        Assert.Null(Anomaly);
        var page = await repository.ScanAsync(new ScanRequest<string> { Range = KeyRange.Prefix($"client{id}/"), Limit = 1000 });
        Assert.All(page.Entries, entry => Assert.Contains(entry.Key, _possible.Keys));
    }

    private async Task WriteAsync(string key, string value, Func<Task> write)
    {
        var possible = Possible(key);
        try
        {
            await write();
            possible.Clear();
        }
        catch (Exception failure) when (failure is not InvalidCastException)
        {
            // Unknown: it may stand there or not.
        }

        possible.Add(value);
    }

    private async Task IncrementAsync()
    {
        try
        {
            await repository.UpdateAsync("shared/counter", static row => $"{int.Parse(row.Value ?? "0", null) + 1}", CancellationToken.None);
            Increments++;
        }
        catch (Exception failure) when (failure is not InvalidCastException)
        {
            UnknownIncrements++;
        }
    }

    private async Task ReadAsync(string key)
    {
        VersionedValue<string> row;
        try
        {
            row = await repository.GetAsync(key);
        }
        catch (Exception failure) when (failure is not InvalidCastException)
        {
            return;
        }

        if (!Possible(key).Contains(row.Value ?? ""))
        {
            Anomaly = $"{repository.Ladder.Phase}: {key} is '{row.Value}' v{row.Version}, possible was '{string.Join("', '", Possible(key))}'";
        }
    }

    // The empty text stands for nothing.
    private HashSet<string> Possible(string key) => _possible.TryGetValue(key, out var possible) ? possible : _possible[key] = [""];
}
