namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>A call of a store or of the journal that has been made and has not happened yet: data only, the same for whoever looks at it.</summary>
internal abstract class Call(Place place, string what, bool mutates, ulong arguments, Func<string>? show)
{
    public string Label => $"{Place.ToString().ToLowerInvariant()}.{show?.Invoke() ?? what}";

    public Place Place => place;

    public bool Mutates => mutates;

    public ulong Hash { get; } = Mix.In(Mix.In((ulong)place, (ulong)what.Length + ((ulong)what[0] << 8) + ((ulong)what[^1] << 16)), arguments);

    /// <summary>Takes effect. The caller does not know it yet.</summary>
    public abstract Answer On(Lasting lasting);
}
