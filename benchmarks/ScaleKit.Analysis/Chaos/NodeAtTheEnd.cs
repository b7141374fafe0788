namespace ScaleKit.Analysis.Chaos;

/// <summary>What a node shows when everybody has left.</summary>
/// <param name="Phase">The letter of its phase.</param>
/// <param name="Seats">Seats taken.</param>
/// <param name="Waiting">People in line.</param>
public sealed record NodeAtTheEnd(string Phase, int Seats, int Waiting)
{
    /// <summary>What of it cannot be: somebody is still there, or the nodes are in several phases.</summary>
    public static IEnumerable<string> Broken(IReadOnlyCollection<NodeAtTheEnd> nodes)
    {
        if (nodes.Any(static node => node.Seats + node.Waiting > 0))
        {
            yield return $"everybody has left, and the nodes count {string.Join(", ", nodes.Select(static node => $"{node.Seats} seats and {node.Waiting} in line"))}";
        }

        if (nodes.DistinctBy(static node => node.Phase).Skip(1).Any())
        {
            yield return $"the nodes are in the phases {string.Join(", ", nodes.Select(static node => node.Phase))}";
        }
    }
}
