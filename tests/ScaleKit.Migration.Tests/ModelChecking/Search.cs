using System.Runtime.InteropServices;

namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>
/// Every schedule of a scenario, by breadth: each state that was not seen before is reached again by its choices, and each thing that can happen there is tried. So the first
/// violation found is one of the shortest. States are told apart by a 64-bit hash.
/// </summary>
internal sealed class Search(Scenario scenario, int maximumStates = int.MaxValue)
{
    private const int Shards = 64;
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
        _nodes.Add(new Node(-1, 0, (byte)root.Events().Count));
        var (from, edges, depth) = (0, 0L, 0);
        while (from < _nodes.Count && _violation is null && _nodes.Count < maximumStates)
        {
            var to = _nodes.Count;
            var found = new List<Node>[workers];
            var tried = new long[workers];
            var next = from;

            var threads = Enumerable.Range(0, workers).Select(w => OnThread(() =>
            {
                found[w] = [];
                for (int node; (node = Interlocked.Increment(ref next) - 1) < to && _violation is null;)
                {
                    tried[w] += Expand(node, found[w]);
                }

                return w;
            })).ToArray();
            Task.WaitAll(threads);
            foreach (var nodes in found)
            {
                _nodes.AddRange(nodes);
            }

            (from, edges, depth) = (to, edges + tried.Sum(), depth + 1);
        }

        return new SearchResult(scenario, _nodes.Count, edges, _endings.Count, depth, from >= _nodes.Count && _violation is null, _violation, Interleaving());
    }

    private int Expand(int node, List<Node> found)
    {
        var choices = Choices(_nodes[node], node);
        for (byte choice = 0; choice < _nodes[node].Events; choice++)
        {
            var world = Replay([.. choices, choice], trace: false);
            if (world.Violation is { } violation)
            {
                Report(new Node(node, choice, 0), violation);
                continue;
            }

            if (!Mark(world.Hash()))
            {
                continue;
            }

            var events = world.Events();
            found.Add(new Node(node, choice, (byte)events.Count));
            if (world.IsDone)
            {
                CheckEnding(world, new Node(node, choice, 0));
            }
            else if (events.Count == 0)
            {
                Report(new Node(node, choice, 0), "Nothing can happen any more, and somebody still waits: a deadlock.");
            }
        }

        return _nodes[node].Events;
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

    private World Replay(List<byte> choices, bool trace)
    {
        var world = new World(scenario, _start, trace);
        foreach (var choice in choices)
        {
            world.Step(world.Events()[choice]);
        }

        return world;
    }

    private List<byte> Choices(Node node, int index)
    {
        var choices = new List<byte>();
        for (; index > 0; index = node.Parent)
        {
            node = _nodes[index];
            choices.Add(node.Choice);
        }

        choices.Reverse();
        return choices;
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

    private IReadOnlyList<string> Interleaving() => _violated is { } node
        ? Replay([.. Choices(node, node.Parent), node.Choice], trace: true).Trace
        : [];

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Node(int Parent, byte Choice, byte Events);
}
