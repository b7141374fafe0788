namespace ChatRooms;

/// <summary>Counts the rows of each file every second, for the page.</summary>
internal sealed class RowCounter(MessageFiles files, TimeProvider time) : BackgroundService
{
    private volatile IReadOnlyList<ShardView> _rows = [];

    public IReadOnlyList<ShardView> Read() => _rows;

    public async Task CountAsync(CancellationToken cancellationToken)
    {
        var rows = new List<ShardView> { new("one file", await files.OneFile.CountAsync(default, cancellationToken), Old: true) };
        foreach (var shard in files.Shards)
            rows.Add(new ShardView($"shard {rows.Count - 1}", await shard.CountAsync(default, cancellationToken), Old: false));
        _rows = rows;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        try
        {
            do
            {
                await CountAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The program ends.
        }
    }
}
