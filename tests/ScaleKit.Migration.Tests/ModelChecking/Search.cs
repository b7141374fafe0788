using System.Runtime.InteropServices;

namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>
/// Every schedule of a scenario, by breadth: each state that was not seen before is reached again by its choices, and each thing that can happen there is tried. So the first
/// violation found is one of the shortest. States are told apart by a 64-bit hash.
/// </summary>
internal sealed class Search(Scenario scenario, int maximumStates = int.MaxValue)
{
    private const int Shards = 64;
    private const int KeptMaximum = 4096;
    private readonly List<World?> _kept = [];
    private readonly HashSet<ulong>[] _seen = [.. Enumerable.Range(0, Shards).Select(_ => new HashSet<ulong>())];
    private readonly HashSet<ulong> _endings = [];
    private readonly Snapshot _start = scenario.Prepare();
    private readonly List<Node> _nodes = [];
    private Node? _violated;
    private string? _violation;

    // Threads of their own: a synchronization context of the caller would take the continuations away.
    public SearchResult Run(int workers) => OnThread(() => RunHere(workers)).GetAwaiter().GetResult();

    private static Task<T> OnThread<T>(Func<T> body) =>
        Task.Factory.StartNew(body, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private SearchResult RunHere(int workers)
    {
        var root = new World(scenario, _start, trace: false);
        Mark(root.Hash());
        _nodes.Add(new Node(-1, default));
        var (from, edges, depth) = (0, 0L, 0);
        while (from < _nodes.Count && _violation is null && _nodes.Count < maximumStates)
        {
            var to = _nodes.Count;
            var found = new List<(Node Node, World? World)>[workers];
            var tried = new long[workers];
            var next = from;
            var first = from;
            var threads = Enumerable.Range(0, workers).Select(w => OnThread(() =>
            {
                found[w] = [];
                for (int node; (node = Interlocked.Increment(ref next) - 1) < to && _violation is null;)
                {
                    tried[w] += Expand(node, node - first < _kept.Count ? _kept[node - first] : null, found[w]);
                }

                return w;
            })).ToArray();
            Task.WaitAll(threads);
            _kept.Clear();
            foreach (var (node, world) in found.SelectMany(static nodes => nodes))
            {
                _nodes.Add(node);
                _kept.Add(world);
            }

            (from, edges, depth) = (to, edges + tried.Sum(), depth + 1);
        }

        return new SearchResult(scenario, _nodes.Count, edges, _endings.Count, depth, from >= _nodes.Count && _violation is null, _violation, Interleaving());
    }

    private int Expand(int node, World? kept, List<(Node Node, World? World)> found)
    {
        // A world cannot be copied, as it has operations in the middle of shipping code: each further event begins again from the start.
        var path = Path(node);
        var world = kept ?? Replay(path, trace: false);
        var events = world.Events();
        if (events.Count == 0 && !world.IsDone)
        {
            Report(_nodes[node], "Nothing can happen any more, and somebody still waits: a deadlock.");
        }

        for (var i = 0; i < events.Count; i++)
        {
            world = i == 0 ? world : Replay(path, trace: false);
            world.Step(events[i]);
            Look(new Node(node, events[i]), world, found);
        }

        return events.Count;
    }

    private void Look(Node node, World world, List<(Node Node, World? World)> found)
    {
        if (world.Violation is { } violation)
        {
            Report(node, violation);
        }
        else if (Mark(world.Hash()))
        {
            if (world.IsDone)
            {
                CheckEnding(world, node);
            }

            found.Add((node, found.Count < KeptMaximum ? world : null));
        }
    }

    private void CheckEnding(World world, Node node)
    {
        var end = world.Snapshot();
        bool known;
        lock (_endings)
        {
            known = !_endings.Add(end.Hash());
        }

        if (!known && Ending.Check(scenario, end) is { } violation)
        {
            Report(node, violation);
        }
    }

    private World Replay(List<Event> path, bool trace)
    {
        var world = new World(scenario, _start, trace);
        foreach (var next in path)
        {
            world.Step(next);
        }

        return world;
    }

    private List<Event> Path(int index)
    {
        var path = new List<Event>();
        for (; index > 0; index = _nodes[index].Parent)
        {
            path.Add(_nodes[index].Via);
        }

        path.Reverse();
        return path;
    }

    private bool Mark(ulong hash)
    {
        var shard = _seen[hash % Shards];
        lock (shard)
        {
            return shard.Add(hash);
        }
    }

    private void Report(Node node, string violation)
    {
        lock (_endings)
        {
            (_violated, _violation) = _violation is null ? (node, violation) : (_violated, _violation);
        }
    }

    private IReadOnlyList<string> Interleaving() => _violated is { } node ? Replay([.. Path(node.Parent), node.Via], trace: true).Trace : [];

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Node(int Parent, Event Via);
}
