using System.Globalization;
using ChatRooms;

namespace ScaleKit.Analysis.Chaos;

/// <summary>
/// Walks the ladder while everything else is done to the cluster: nodes and Redis die, stand still and are failed over in the middle of backfills, verifications and moves.
/// A move is no disturbance: it excuses nothing.
/// </summary>
internal sealed class MigrationWalk(ChatCluster cluster, ClusterView view, long started)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestMove = TimeSpan.FromMinutes(2);

    private readonly List<TimelineEntry> _timeline = [];
    private readonly TimeProvider _time = TimeProvider.System;

    /// <summary>The moves that every node has come along with.</summary>
    public IReadOnlyList<TimelineEntry> Timeline => _timeline;

    /// <summary>The highest rung that all nodes were on; 6 is the last phase.</summary>
    public int Furthest { get; private set; }

    /// <summary>Walks until it is told to stop, and ends what it has begun then.</summary>
    /// <exception cref="TimeoutException">A move was not done within two minutes.</exception>
    public async Task RunAsync(int seed, CancellationToken stop)
    {
        var from = MigrationControl.Letters[0];
        foreach (var rung in MigrationSchedule.Of(seed))
        {
            await Task.Delay(rung.Calm, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
            {
                return;
            }

            _timeline.Add(await MoveAsync(from, rung));
            Furthest = Math.Max(Furthest, MigrationControl.Letters.IndexOf(rung.To, StringComparison.Ordinal));
            from = rung.To;
        }
    }

    private async Task<TimelineEntry> MoveAsync(char from, Rung rung)
    {
        var begun = _time.GetTimestamp();
        var (node, lacked) = await MoveAsync(rung, begun);
        var what = string.Create(CultureInfo.InvariantCulture, $"migration moved from {from} to {rung.To} by node {node + 1}{lacked}");
        return new TimelineEntry(_time.GetElapsedTime(started, begun), what, _time.GetElapsedTime(begun));
    }

    /// <summary>Asks until all are there: a move that lacks something stops and says so. Where the node does not answer the next one is asked, which takes over what that one left half done.</summary>
    private async Task<(int Node, string Lacked)> MoveAsync(Rung rung, long begun)
    {
        var (node, target, lacked) = (rung.Node, rung.To.ToString(), "");
        while (true)
        {
            var found = "no word";
            try
            {
                await view.MoveAsync(cluster.Addresses[node], target);
                var all = await view.ReadAllAsync();
                if (all.All(one => one.Migration.Phase == target))
                {
                    return (node, lacked);
                }

                lacked = all[node].Migration.Text is var text && text.StartsWith("Stopped", StringComparison.Ordinal) ? $", after \"{text}\"" : lacked;
                found = string.Join(" | ", all.Select(static one => $"{one.Migration.Phase} {one.Migration.Text}"));
            }
            catch (Exception failure) when (failure is HttpRequestException or TimeoutException or OperationCanceledException)
            {
                found = failure.Message;
                node = (node + 1) % FaultSchedule.Nodes;
            }

            if (_time.GetElapsedTime(begun) > LongestMove)
            {
                throw new TimeoutException($"the migration is not in {target}: {found}");
            }

            await Task.Delay(Poll, _time);
        }
    }
}
