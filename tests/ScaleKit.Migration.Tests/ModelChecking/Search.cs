using System.Runtime.InteropServices;

namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>
/// Every schedule of a scenario, by breadth: in each state that was not seen before, each thing that can happen there is tried. So the first violation found is one of the shortest. States are told
/// apart by a 64-bit hash.
/// </summary>
internal sealed class Search(Scenario scenario, int maximumStates = int.MaxValue)
{
    private readonly HashSet<ulong> _seen = [];
    private readonly List<Node> _nodes = [];
    private readonly ProcessTable _table = new(scenario);
    private readonly Cast _cast = new(scenario);
    private readonly Ending _ending = new(scenario);
    private Node? _violated;
    private string? _violation;

    // A thread of its own: a synchronization context of the caller would take the continuations away.
    public SearchResult Run() =>
        Task.Factory.StartNew(RunHere, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).GetAwaiter().GetResult();

    private SearchResult RunHere()
    {
        var (transitions, depth) = (0L, 0);
        var layer = new List<World>();
        Look(new World(scenario, _table, _cast), new Node(-1, default), layer);
        while (layer.Count > 0 && _violation is null && _nodes.Count < maximumStates)
        {
            var (worlds, first) = (layer, _nodes.Count - layer.Count);
            layer = [];
            for (var i = 0; i < worlds.Count && _violation is null; i++)
            {
                transitions += Expand(worlds[i], first + i, layer);
            }

            depth++;
        }

        return new SearchResult(scenario, _nodes.Count, transitions, _table.Runs, _ending.Count, depth, layer.Count == 0 && _violation is null, _violation, Interleaving());
    }

    private int Expand(World world, int index, List<World> found)
    {
        var events = world.Events();
        foreach (var next in events)
        {
            Look(world.Step(next), new Node(index, next), found);
        }

        if (events.Count == 0 && !world.IsDone)
        {
            Report(_nodes[index], "Nothing can happen any more, and somebody still waits: a deadlock.");
        }

        return events.Count;
    }

    private void Look(World world, Node node, List<World> found)
    {
        if (world.Violation is { } violation)
        {
            Report(node, violation);
        }
        else if (_seen.Add(world.Hash()))
        {
            if (world.IsDone && _ending.Check(world) is { } late)
            {
                Report(node, late);
            }

            _nodes.Add(node);
            found.Add(world);
        }
    }

    private void Report(Node node, string violation) => (_violated, _violation) = _violation is null ? (node, violation) : (_violated, _violation);

    private List<string> Interleaving()
    {
        var path = new Stack<Event>();
        for (var node = _violated; node is { Parent: >= 0 } at; node = _nodes[at.Parent])
        {
            path.Push(at.Via);
        }

        var trace = new List<string>();
        var world = new World(scenario, _table, _cast);
        foreach (var next in path)
        {
            world = world.Step(next, trace);
        }

        return trace;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Node(int Parent, Event Via);
}
