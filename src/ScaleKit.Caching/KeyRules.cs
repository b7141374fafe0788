namespace ScaleKit.Caching;

/// <summary>Which keys and tags the cache takes: not empty, not over-long, no control characters below U+0020, no lone surrogates.</summary>
internal static class KeyRules
{
    public static bool IsValid(ReadOnlySpan<char> text, int maximumLength) =>
        text.Length > 0 && text.Length <= maximumLength && !text.ContainsAnyInRange('\0', '\u001f') && IsWellFormed(text);

    public static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        for (var at = text.IndexOfAnyInRange('\ud800', '\udfff'); at >= 0;)
        {
            if (!char.IsHighSurrogate(text[at]) || at + 1 >= text.Length || !char.IsLowSurrogate(text[at + 1]))
                return false;
            text = text[(at + 2)..];
            at = text.IndexOfAnyInRange('\ud800', '\udfff');
        }

        return true;
    }

    /// <summary>Takes the tags of a call over; <see langword="false"/> where one of them breaks the bounds.</summary>
    /// <exception cref="ArgumentException">A tag is null or is <c>*</c>, which stands for all entries and cannot be one entry's.</exception>
    public static bool TryTake(IEnumerable<string>? tags, TwoLevelCacheOptions limits, out string[] taken)
    {
        taken = [];
        if (tags is null)
            return true;
        var distinct = new List<string>();
        foreach (var tag in tags)
        {
            if (tag is null)
                throw new ArgumentException("A tag is null.", nameof(tags));
            if (string.Equals(tag, Invalidation.Everything, StringComparison.Ordinal))
                throw new ArgumentException("The tag \"*\" stands for all entries and cannot be given to one.", nameof(tags));
            if (!IsValid(tag, limits.MaximumKeyLength))
                return false;
            if (!distinct.Contains(tag, StringComparer.Ordinal))
                distinct.Add(tag);
            if (distinct.Count > limits.MaximumTags)
                return false;
        }

        taken = [.. distinct];
        return true;
    }
}
