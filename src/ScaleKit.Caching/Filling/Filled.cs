namespace ScaleKit.Caching;

/// <summary>What a fill brought, for all who waited for it.</summary>
internal sealed class Filled<T>(FillSource source, T value, LocalEntry<T>? entry, string[]? tags = null)
{
    public FillSource Source => source;

    public LocalEntry<T>? Entry => entry;

    /// <summary>The tags of a value that made no entry.</summary>
    public string[] Tags => tags ?? [];

    /// <summary>The value for one caller. The one who started the fill gets the object itself; the others get copies of a mutable one where its bytes are known.</summary>
    public T ValueFor(bool isLeader) => isLeader || entry is null ? value : entry.GetValue();
}
