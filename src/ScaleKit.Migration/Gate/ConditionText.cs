namespace ScaleKit.Migration;

/// <summary>Conditions on one line, of a length that no list of them exceeds.</summary>
internal static class ConditionText
{
    private const int ConditionsShown = 3;
    private const int LongestCondition = 200;

    /// <summary>Empty where there are none.</summary>
    public static string After(string introduction, IReadOnlyList<UnmetCondition> conditions) => conditions.Count switch
    {
        0 => "",
        <= ConditionsShown => introduction + First(conditions),
        _ => $"{introduction}{First(conditions)} And {conditions.Count - ConditionsShown} more.",
    };

    private static string First(IReadOnlyList<UnmetCondition> conditions) =>
        string.Join(' ', conditions.Take(ConditionsShown).Select(static one => Shown.Of(one.Message, LongestCondition)));
}
