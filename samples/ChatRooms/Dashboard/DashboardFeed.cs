using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace ChatRooms;

/// <summary>Makes one snapshot a second, only while somebody looks, and gives the same text to everybody who does.</summary>
internal sealed class DashboardFeed(SnapshotBuilder builder, TimeProvider time) : BackgroundService
{
    public const int MostViewers = 200;

    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private ImmutableArray<Channel<string>> _viewers = [];

    public bool IsFull => _viewers.Length >= MostViewers;

    public async IAsyncEnumerable<string> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A viewer that is too slow misses snapshots, never the newest.
        var viewer = Channel.CreateBounded<string>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        ImmutableInterlocked.Update(ref _viewers, static (viewers, viewer) => viewers.Add(viewer), viewer);
        try
        {
            await foreach (var snapshot in viewer.Reader.ReadAllAsync(cancellationToken))
                yield return snapshot;
        }
        finally
        {
            ImmutableInterlocked.Update(ref _viewers, static (viewers, viewer) => viewers.Remove(viewer), viewer);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Beat, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var viewers = _viewers;
                if (viewers.Length == 0)
                    continue;
                var snapshot = JsonSerializer.Serialize(builder.Build(), ChatJson.Default.DashboardSnapshot);
                foreach (var viewer in viewers)
                    viewer.Writer.TryWrite(snapshot);
            }
        }
        catch (OperationCanceledException)
        {
            // The program ends.
        }
        foreach (var viewer in _viewers)
            viewer.Writer.TryComplete();
    }
}
