using System.Collections;
using System.IO.Pipes;
using System.Text;

namespace McpAspire.LocalEngine.Processes;

/// <summary>
/// A shell that knows the process groups of this host's children, and ends them when the host is gone, however it went: it
/// reads them from a pipe that only the host holds, and the kernel closes that pipe with the host.
/// </summary>
internal sealed class Guardian : IDisposable
{
    // It lives in a group of its own and ignores what a terminal or a supervisor sends, so as to come last.
    private const string Script =
        """
        trap '' INT TERM HUP QUIT
        groups=
        while IFS=' ' read -r word group; do
          kept=
          for known in $groups; do [ "$known" = "$group" ] || kept="$kept $known"; done
          groups=$kept
          [ "$word" = add ] && groups="$groups $group"
        done
        for group in $groups; do kill -s TERM -- "-$group"; done
        for second in 1 2 3 4 5; do
          left=
          for group in $groups; do kill -s 0 -- "-$group" && left=yes; done
          [ -z "$left" ] && exit 0
          sleep 1
        done
        for group in $groups; do kill -s KILL -- "-$group"; done
        """;

    private readonly Lock _gate = new();
    private readonly HashSet<int> _groups = [];
    private AnonymousPipeServerStream _words;

    internal Guardian() => _words = Start();

    /// <summary>Puts a group under guard.</summary>
    internal void Add(int group)
    {
        lock (_gate)
        {
            _groups.Add(group);
            Tell("add", group);
        }
    }

    /// <summary>Forgets a group that is gone: its number may be given to others.</summary>
    internal void Remove(int group)
    {
        lock (_gate)
        {
            _groups.Remove(group);
            Tell("remove", group);
        }
    }

    public void Dispose() => _words.Dispose();

    private void Tell(string word, int group)
    {
        try
        {
            Write(word, group);
        }
        catch (IOException)
        {
            // Someone ended the guardian. The stack must not be left without one.
            _words.Dispose();
            _words = Start();
            foreach (var known in _groups)
            {
                Write("add", known);
            }
        }
    }

    private void Write(string word, int group) => _words.Write(Encoding.ASCII.GetBytes($"{word} {group}\n"));

    private static AnonymousPipeServerStream Start()
    {
        var words = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.None);
        using var nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write);
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(variable => $"{variable.Key}={variable.Value}");
        Posix.Spawn("/bin/sh", ["sh", "-c", Script, "local-engine-guardian"], environment, words.ClientSafePipeHandle, nothing);
        words.DisposeLocalCopyOfClientHandle();
        return words;
    }
}
