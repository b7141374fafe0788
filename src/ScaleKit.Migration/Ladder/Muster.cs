namespace ScaleKit.Migration;

/// <summary>Who keeps a fleet from going on.</summary>
/// <param name="Behind">Instances that hold a lease and have not acknowledged the phase.</param>
/// <param name="Ended">Instances whose lease has ended without being given back: killed, or asleep.</param>
internal sealed record Muster(IReadOnlyList<string> Behind, IReadOnlyList<string> Ended)
{
    private const int NamesShown = 5;

    public static Muster Complete { get; } = new([], []);

    /// <summary>Says who is behind, if somebody is.</summary>
    public void Tell(List<UnmetCondition> missing)
    {
        if (Behind.Count > 0)
        {
            missing.Add(new(
                GateCondition.FleetAcknowledged,
                $"{Behind.Count} instances behind",
                "every instance has acknowledged the phase, or its lease has ended",
                $"Instances that have not acknowledged the phase: {string.Join(", ", Behind.Take(NamesShown).Select(static holder => Shown.Of(holder)))}."));
        }
    }
}
