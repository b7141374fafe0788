namespace ScaleKit.Conventions.Tests;

/// <summary>Fails with every offence at once: who breaks ten rules wants to read ten lines, not one.</summary>
public static class Offences
{
    public static void None(IEnumerable<string> offences, string rule)
    {
        var list = offences.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        Assert.True(list.Count == 0, $"{rule}{Environment.NewLine}  {string.Join(Environment.NewLine + "  ", list)}");
    }
}
