// WebSockets only and no negotiation: the one connection is the whole conversation, so any replica may take it.
const webSockets = 1;
const mostRetries = 60;

Blazor.start({
  circuit: {
    configureSignalR: builder => builder.withUrl('/_blazor', { skipNegotiation: true, transport: webSockets }),
    reconnectionOptions: {
      retryIntervalMilliseconds: attempts => attempts < mostRetries ? Math.min(500 * attempts, 5000) : null,
    },
  },
});

const dialog = document.getElementById('components-reconnect-modal');

dialog.addEventListener('components-reconnect-state-changed', event => {
  switch (event.detail.state) {
    case 'show':
      dialog.showModal();
      break;
    case 'hide':
      dialog.close();
      break;
    case 'rejected':
      // The server knows this page no more (it was restarted): a new page takes its place.
      location.reload();
      break;
  }
});

document.getElementById('reconnect-now').addEventListener('click', async () => {
  if (!await Blazor.reconnect()) {
    location.reload();
  }
});
