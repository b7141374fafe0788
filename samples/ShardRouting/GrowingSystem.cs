using System.Globalization;
using ScaleKit.Sharding;
using Spectre.Console;

namespace ShardRouting;

/// <summary>Fills four shards, plans the way to five, walks it wave by wave, and looks for every row.</summary>
internal sealed class GrowingSystem(string folder, SampleOptions options)
{
    public async Task<int> RunAsync()
    {
        var first = SlotTopology.Create(Enumerable.Range(0, 4).Select(NewShard));
        foreach (var shard in first.Shards)
        {
            await shard.Payload.CreateAsync();
        }

        var router = new ShardRouter<UserShard>(first);
        var names = new[] { "Ana", "Борис", "Chloé", "大輔", "Eun-ji 🙂" };
        var users = Enumerable.Range(0, options.Rows).Select(i => (Id: $"user:{i}", Name: names[i % names.Length])).ToArray();
        foreach (var batch in router.GroupByShard(users, user => KeyHash.Of(user.Id)))
        {
            await batch.Shard.Payload.InsertAsync(batch.Items.Select(u => new UserRow(u.Id, first.SlotOf(KeyHash.Of(u.Id)), u.Name)));
        }

        var fifth = NewShard(4);
        await fifth.Payload.CreateAsync();
        var plan = Topology.Plan(first, [.. first.Shards, fifth], new PlanOptions { Rows = options.Rows, BytesPerRow = 100, WaveBytes = Math.Max(100, options.Rows * 5L) });
        AnsiConsole.MarkupLineInterpolated(
            $"[bold]4 to 5 shards:[/] {plan.Diff.MovedSlots} slots, {plan.Diff.MovedShare:P2} of the keys in {plan.Waves.Count} waves; the least possible is {plan.Diff.MinimumShare:P2}");
        var before = await CountAsync(first.Shards);
        var moved = await WalkAsync(plan, router);
        var after = await CountAsync(router.Topology.Shards);
        Print(before, after);
        return await VerifyAsync(router, plan, moved);
    }

    private static async Task<int> WalkAsync(ReshardPlan<UserShard> plan, ShardRouter<UserShard> router)
    {
        var moved = 0;
        await AnsiConsole.Progress().StartAsync(async progress =>
        {
            var task = progress.AddTask("moving", maxValue: plan.Diff.MovedSlots);
            foreach (var wave in plan.Waves)
            {
                var next = plan.TopologyAfter(wave.Number);
                moved += await CopyAsync(wave, next);

                // Only now do reads and writes go to the new owner, where everything already is. Nobody writes meanwhile here; with writers, ScaleKit.Migration does it.
                router.Swap(next);
                foreach (var move in wave.Moves)
                {
                    await Find(next, plan.Current, move.From).DeleteSlotsAsync(move.First, move.Last);
                }

                task.Increment(wave.Slots);
            }
        });
        return moved;
    }

    private static async Task<int> CopyAsync(PlanWave wave, SlotTopology<UserShard> next)
    {
        var copied = 0;
        foreach (var move in wave.Moves)
        {
            var rows = await Find(next, next, move.From).ReadSlotsAsync(move.First, move.Last);
            await Find(next, next, move.To).InsertAsync(rows);
            copied += rows.Count;
        }

        return copied;
    }

    private static UserShard Find(SlotTopology<UserShard> topology, SlotTopology<UserShard> other, string id) =>
        topology.TryGetShard(id, out var shard) || other.TryGetShard(id, out shard)
            ? shard.Payload
            : throw new InvalidOperationException($"No shard {id}.");

    private async Task<int> VerifyAsync(ShardRouter<UserShard> router, ReshardPlan<UserShard> plan, int moved)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var misplaced = 0;
        foreach (var shard in router.Topology.Shards)
        {
            foreach (var row in await shard.Payload.ReadAllAsync())
            {
                seen[row.Id] = seen.GetValueOrDefault(row.Id) + 1;
                misplaced += router.Route(row.Id) == shard ? 0 : 1;
            }
        }

        var lost = options.Rows - seen.Count;
        var duplicated = seen.Values.Count(n => n > 1);
        var share = (moved / (double)options.Rows).ToString("0.####", CultureInfo.InvariantCulture);
        Console.WriteLine($"RESULT rows={options.Rows} moved={moved} moved_share={share} needless={plan.Diff.NeedlessShare} lost={lost} duplicated={duplicated} misplaced={misplaced}");
        return lost == 0 && duplicated == 0 && misplaced == 0 ? 0 : 1;
    }

    private static async Task<Dictionary<string, int>> CountAsync(IEnumerable<Shard<UserShard>> shards)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var shard in shards)
        {
            counts[shard.Id] = (await shard.Payload.ReadAllAsync()).Count;
        }

        return counts;
    }

    private static void Print(Dictionary<string, int> before, Dictionary<string, int> after)
    {
        var table = new Table().AddColumns("shard", "rows before", "rows after", "moved");
        foreach (var (id, rows) in after)
        {
            var had = before.GetValueOrDefault(id);
            table.AddRow(id, $"{had}", $"{rows}", $"{rows - had:+#;-#;0}");
        }

        AnsiConsole.Write(table);
    }

    private Shard<UserShard> NewShard(int number) => new($"shard-{number}", new UserShard(NewFile(number)));

    private string NewFile(int number)
    {
        var file = Path.Combine(folder, $"shard-{number}.db");
        return File.Exists(file) ? throw new IOException($"{file} is already there: choose another --data folder.") : file;
    }
}
