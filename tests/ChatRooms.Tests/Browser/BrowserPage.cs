using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ScaleKit.TestKit;

namespace ChatRooms.Tests;

/// <summary>One tab: what a person does with it, and what it shows. <c>SCALEKIT_SCREENSHOTS</c> names a folder for pictures of it.</summary>
internal sealed class BrowserPage
{
    private readonly DevTools _tools;
    private readonly string _session;

    public BrowserPage(DevTools tools, string session)
    {
        (_tools, _session) = (tools, session);
        _tools.Said += Note;
    }

    /// <summary>Exceptions of scripts, and what the console says as an error: a file that is missing, a policy that was broken.</summary>
    public ConcurrentQueue<string> Problems { get; } = new();

    public async Task NavigateAsync(Uri address, int width, int height)
    {
        var isPhone = width < 600;
        foreach (var domain in (string[])["Page.enable", "Runtime.enable", "Log.enable", "Accessibility.enable"])
            await SendAsync(domain);
        await SendAsync("Emulation.setDeviceMetricsOverride", new() { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = isPhone ? 3 : 1, ["mobile"] = isPhone });
        await SendAsync("Emulation.setTouchEmulationEnabled", new() { ["enabled"] = isPhone });
        await SendAsync("Page.navigate", new() { ["url"] = address.AbsoluteUri });
        await HoldsAsync("document.readyState === 'complete' && document.querySelectorAll('#room option').length > 0 && document.querySelectorAll('#switches button').length > 0", "the page is filled");
    }

    /// <summary>The value of an expression; a promise is awaited.</summary>
    public async Task<JsonNode?> ReadAsync(string expression)
    {
        var answer = await SendAsync("Runtime.evaluate", new() { ["expression"] = expression, ["awaitPromise"] = true, ["returnByValue"] = true });
        return answer["exceptionDetails"] is { } thrown ? throw new InvalidOperationException($"{expression}: {thrown.ToJsonString()}") : answer["result"]?["value"];
    }

    public Task HoldsAsync(string expression, string expectation) =>
        Eventually.HoldsAsync(async () => await ReadAsync($"!!({expression})") is { } value && value.GetValue<bool>(), expectation, TimeSpan.FromSeconds(60));

    /// <summary>The id of what has the focus, or what it says.</summary>
    public async Task<string> FocusAsync() => (await ReadAsync("document.activeElement.id || document.activeElement.textContent.trim()"))!.GetValue<string>();

    public async Task PressAsync(string key)
    {
        var (code, text) = key switch { "Tab" => (9, ""), "Enter" => (13, "\r"), " " => (32, " "), _ => throw new ArgumentOutOfRangeException(nameof(key), key, "Not a key of these tests.") };
        JsonObject Event(string type) => new() { ["type"] = type, ["key"] = key, ["code"] = key == " " ? "Space" : key, ["windowsVirtualKeyCode"] = code, ["text"] = type == "keyDown" ? text : "" };
        await SendAsync("Input.dispatchKeyEvent", Event(text.Length > 0 ? "keyDown" : "rawKeyDown"));
        await SendAsync("Input.dispatchKeyEvent", Event("keyUp"));
    }

    public Task TypeAsync(string text) => SendAsync("Input.insertText", new() { ["text"] = text });

    /// <summary>A press of the mouse in the middle of an element, which is scrolled to first.</summary>
    public async Task ClickAsync(string selector)
    {
        var place = (await ReadAsync($$"""
            (() => { const one = document.querySelector({{JsonValue.Create(selector).ToJsonString()}}); one.scrollIntoView({ block: 'center', behavior: 'instant' });
            const box = one.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()
            """))!.AsArray();
        foreach (var type in (string[])["mousePressed", "mouseReleased"])
            await SendAsync("Input.dispatchMouseEvent", new() { ["type"] = type, ["x"] = place[0]!.GetValue<double>(), ["y"] = place[1]!.GetValue<double>(), ["button"] = "left", ["clickCount"] = 1 });
    }

    /// <summary>What a screen reader is given: the role and the name of every element that is not hidden from it.</summary>
    public async Task<IReadOnlyList<(string Role, string Name)>> AccessibleAsync() =>
        [.. (await SendAsync("Accessibility.getFullAXTree"))["nodes"]!.AsArray()
            .Where(static node => !node!["ignored"]!.GetValue<bool>())
            .Select(static node => (node!["role"]?["value"]?.ToString() ?? "", node["name"]?["value"]?.ToString() ?? ""))];

    public async Task PictureAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("SCALEKIT_SCREENSHOTS") is not { Length: > 0 } folder)
            return;
        await ReadAsync("window.scrollTo(0, 0)");
        var picture = await SendAsync("Page.captureScreenshot", new() { ["captureBeyondViewport"] = true });
        await File.WriteAllBytesAsync(Path.Combine(folder, name + ".png"), Convert.FromBase64String(picture["data"]!.GetValue<string>()));
    }

    private Task<JsonNode> SendAsync(string method, JsonObject? parameters = null) => _tools.SendAsync(method, parameters, _session);

    private void Note(string method, string session, JsonNode parameters)
    {
        if (session != _session)
            return;
        if (method == "Runtime.exceptionThrown" || (method == "Log.entryAdded" && parameters["entry"]!["level"]!.GetValue<string>() == "error"))
            Problems.Enqueue(parameters.ToJsonString());
    }
}
